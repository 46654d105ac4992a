/** `POST`: the bytes of a file are the whole body. 201 with a ContactImport that can be started. */
export const IMPORTS_PATH = '/imports';
