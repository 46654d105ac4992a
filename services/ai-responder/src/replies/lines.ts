import type { LineWords } from '@recado/contracts';

/** What the model reads for messages without words of their own. */
export const MODEL_LINES: LineWords = {
  image: 'Image',
  video: 'Video',
  audio: 'Audio',
  voice: 'Voice message',
  document: 'Document',
  sticker: 'Sticker',
  location: 'Location',
  contacts: 'Contact',
  order: (count) => (count === null ? 'Order' : `Order of ${count} ${count === 1 ? 'product' : 'products'}`),
  reactionRemoved: 'Reaction removed',
  choice: 'Answer',
  form: 'Form answered',
  callsAllowed: 'Calls allowed',
  callsRefused: 'Calls not allowed',
  template: 'Template',
  system: 'System message',
  call: 'Call',
  missedCall: 'Missed call',
  welcome: 'The customer opened the chat',
  deleted: 'Message deleted',
  unsupported: 'Unsupported message',
};
