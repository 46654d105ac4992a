import { badValue, type Fields, invalid, isFields, mayText, missing, needText } from './fields.ts';

/**
 * Checks an `interactive` object with Meta's limits; returns the body's text. Throws GraphError.
 */
export function validateInteractive(interactive: Fields): string {
  const type = needText(interactive.type, "interactive['type']", 64);
  const header = interactive.header;
  if (header !== undefined) {
    if (!isFields(header)) throw invalid("Param interactive['header'] must be a JSON object.");
    if (header.type === 'text') needText(header.text, "interactive['header']['text']", 60);
  }
  const footer = interactive.footer;
  if (footer !== undefined) {
    needText(isFields(footer) ? footer.text : undefined, "interactive['footer']['text']", 60);
  }
  const body = interactive.body;
  // A catalogue's product may stand alone; everything else needs words.
  const text =
    type === 'product' && body === undefined
      ? ''
      : needText(isFields(body) ? body.text : undefined, "interactive['body']['text']", 1024);
  const action = interactive.action;
  if (!isFields(action)) throw missing("The parameter interactive['action'] is required.");
  if (type === 'button') checkButtons(action.buttons);
  else if (type === 'list') checkList(action);
  else if (type === 'cta_url' || type === 'flow') {
    if (!isFields(action.parameters)) throw missing("The parameter interactive['action']['parameters'] is required.");
  } else if (!otherTypes.has(type)) {
    throw invalid(`Param interactive['type'] must be one of {BUTTON, CTA_URL, FLOW, LIST, …} - got "${type}".`);
  }
  return text;
}

const otherTypes = new Set([
  'product',
  'product_list',
  'catalog_message',
  'location_request_message',
  'address_message',
  'call_permission_request',
  'voice_call',
  'carousel',
]);

function checkButtons(buttons: unknown): void {
  if (!Array.isArray(buttons) || buttons.length < 1 || buttons.length > 3) {
    throw badValue('Invalid buttons count. Min allowed buttons: 1, Max allowed buttons: 3');
  }
  const ids = new Set<string>();
  const titles = new Set<string>();
  for (const [index, button] of buttons.entries()) {
    const reply = isFields(button) ? button.reply : undefined;
    const at = `interactive['action']['buttons'][${index}]['reply']`;
    if (!isFields(reply)) throw missing(`The parameter ${at} is required.`);
    const id = needText(reply.id, `${at}['id']`, 256);
    const title = needText(reply.title, `${at}['title']`, 20);
    if (ids.has(id)) throw badValue(`Duplicated button id: ${id}`);
    if (titles.has(title)) throw badValue(`Duplicated button title: ${title}`);
    ids.add(id);
    titles.add(title);
  }
}

function checkList(action: Fields): void {
  needText(action.button, "interactive['action']['button']", 20);
  const sections = action.sections;
  if (!Array.isArray(sections) || sections.length < 1 || sections.length > 10) {
    throw badValue('Invalid sections count. Min allowed sections: 1, Max allowed sections: 10');
  }
  let total = 0;
  const ids = new Set<string>();
  for (const [s, section] of sections.entries()) {
    const at = `interactive['action']['sections'][${s}]`;
    if (!isFields(section)) throw invalid(`Param ${at} must be a JSON object.`);
    const title = mayText(section.title, `${at}['title']`, 24);
    if (sections.length > 1 && title === null) throw missing(`The parameter ${at}['title'] is required.`);
    if (!Array.isArray(section.rows) || section.rows.length < 1)
      throw missing(`The parameter ${at}['rows'] is required.`);
    for (const [r, row] of section.rows.entries()) {
      const rowAt = `${at}['rows'][${r}]`;
      if (!isFields(row)) throw invalid(`Param ${rowAt} must be a JSON object.`);
      const id = needText(row.id, `${rowAt}['id']`, 200);
      needText(row.title, `${rowAt}['title']`, 24);
      mayText(row.description, `${rowAt}['description']`, 72);
      if (ids.has(id)) throw badValue(`Duplicated row id: ${id}`);
      ids.add(id);
    }
    total += section.rows.length;
  }
  if (total > 10) throw badValue(`Total row count exceed max allowed count: 10 (got ${total})`);
}
