import { GraphError } from './errors.ts';

/** Meta's refusal of a template's definition: a subcode of 100, with a title and a sentence. */
export const refuseTemplate = (subcode: number, userTitle: string, userMessage: string): GraphError =>
  new GraphError(100, { message: 'Invalid parameter', subcode, userTitle, userMessage });

export const missingField = (type: string, field: string): GraphError =>
  refuseTemplate(
    2388043,
    'Message template "components" param is missing expected field(s)',
    `component of type ${type} is missing expected field(s) (${field})`,
  );

export const overLimit = (field: string, max: number): GraphError =>
  refuseTemplate(2388040, 'Character Limit Exceeded', `The ${field} field exceeds the ${max} character limit.`);

export const badHeader = (): GraphError =>
  refuseTemplate(
    2388047,
    'Message header format is incorrect',
    "Your message header can't have any new lines, formatting characters, emojis or asterisks.",
  );

export const badBody = (why: string): GraphError => refuseTemplate(2388072, 'Message body format is incorrect', why);

export const badFooter = (): GraphError =>
  refuseTemplate(2388073, 'Message footer format is incorrect', "Your message footer can't have any variables.");

/** A parameter of the request itself. */
export const badParam = (path: string, why: string): GraphError =>
  new GraphError(192, { message: `(#192) Param ${path} ${why}` });
