import { withCode } from '../errors.ts';
import { text } from '../primitives.ts';

/** The name of a tag. URLs of these would lead to another path, so no client could take one off. */
export const tagName = text(60).refine((name) => name !== '.' && name !== '..', withCode('tag_name'));
