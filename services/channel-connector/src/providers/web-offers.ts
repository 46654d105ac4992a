import type { MessageDetails } from '@recado/contracts';
import { isObject, type Json, linesOf, objectOf, textOf, type WebContent } from './web-message.ts';

type Choice = NonNullable<MessageDetails['choices']>[number];

const objects = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : []);

/** What a message with choices says, line by line, and what it offers. */
export function offer(lines: unknown[], choices: Choice[]): WebContent {
  return { type: 'interactive', content: linesOf(...lines), details: choices.length > 0 ? { choices } : {} };
}

export const buttons = (part: Json): WebContent =>
  offer(
    [part.text, mediaCaption(part), part.contentText, part.footerText],
    objects(part.buttons).map((one) => ({
      id: textOf(one.buttonId),
      title: textOf(objectOf(one.buttonText).displayText),
    })),
  );

export const list = (part: Json): WebContent =>
  offer(
    [part.title, part.description, part.footerText],
    objects(part.sections)
      .flatMap((section) => objects(section.rows))
      .map((row) => ({ id: textOf(row.rowId), title: textOf(row.title), description: textOf(row.description) })),
  );

/** A business's template, as the customer's phone fills it in. */
export function template(part: Json): WebContent {
  const inner = part.interactiveMessageTemplate;
  if (isObject(inner)) return interactive(inner);
  const filled = [part.hydratedTemplate, part.hydratedFourRowTemplate].find(isObject) ?? {};
  const lines = [filled.hydratedTitleText, mediaCaption(filled), filled.hydratedContentText, filled.hydratedFooterText];
  return offer(lines, objects(filled.hydratedButtons).map(hydratedButton));
}

export function hydratedButton(button: Json): Choice {
  const [reply, link, call] = [button.quickReplyButton, button.urlButton, button.callButton].map(objectOf);
  return {
    id: textOf(reply!.id),
    title: textOf(reply!.displayText) ?? textOf(link!.displayText) ?? textOf(call!.displayText),
    url: textOf(link!.url),
    phone: textOf(call!.phoneNumber),
  };
}

/** Buttons of a flow, or several cards of them. */
export function interactive(part: Json): WebContent {
  const cards = objects(objectOf(part.carouselMessage).cards);
  const [header, body, footer] = [objectOf(part.header), objectOf(part.body), objectOf(part.footer)];
  const told = [part, ...cards].flatMap((one) => objects(objectOf(one.nativeFlowMessage).buttons)).map(flowButton);
  const lines = [header.title, header.subtitle, mediaCaption(header), body.text, footer.text];
  return offer([...lines, ...cards.map((card) => objectOf(card.body).text)], told);
}

/** Its parameters are JSON in a text. */
function flowButton({ name, buttonParamsJson }: Json): Choice {
  const params = parsed(buttonParamsJson);
  return {
    id: textOf(params.id) ?? textOf(name),
    title: textOf(params.display_text) ?? textOf(params.title),
    url: textOf(params.url),
    phone: textOf(params.phone_number),
  };
}

/** An object that stands in a text; empty when it does not. */
export function parsed(value: unknown): Json {
  try {
    return typeof value === 'string' ? objectOf(JSON.parse(value)) : {};
  } catch {
    return {};
  }
}

const mediaCaption = (part: Json): string | undefined =>
  ['imageMessage', 'videoMessage', 'documentMessage']
    .map((kind) => textOf(objectOf(part[kind]).caption))
    .find((one) => one !== undefined);
