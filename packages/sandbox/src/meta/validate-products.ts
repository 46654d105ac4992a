import { badValue, type Fields, needFields, needLabel, needList, needOneOf, needText, needUnique } from './fields.ts';

const ACTION = "interactive['action']";

/** One product of a catalogue. */
export function checkProduct(action: Fields, name = ACTION): void {
  needFields(action, name, ['catalog_id', 'product_retailer_id']);
  needText(action.catalog_id, `${name}['catalog_id']`, 100);
  needText(action.product_retailer_id, `${name}['product_retailer_id']`, 100);
}

/** Up to thirty products in ten sections. */
export function checkProductList(action: Fields): void {
  needFields(action, ACTION, ['catalog_id', 'sections']);
  needText(action.catalog_id, `${ACTION}['catalog_id']`, 100);
  const sections = needList(action.sections, `${ACTION}['sections']`, [1, 10]);
  const products = sections.flatMap((given, index) => {
    const at = `${ACTION}['sections'][${index}]`;
    const section = needFields(given, at, ['title', 'product_items']);
    if (sections.length > 1 || section.title !== undefined) {
      needLabel(section.title, `${at}['title']`, 'Section title', 24);
    }
    return needList(section.product_items, `${at}['product_items']`, [1, 30]).map((one, i) => {
      const itemAt = `${at}['product_items'][${i}]`;
      const item = needFields(one, itemAt, ['product_retailer_id']);
      return needText(item.product_retailer_id, `${itemAt}['product_retailer_id']`, 100);
    });
  });
  if (products.length > 30) throw badValue(`Total product count exceed max allowed count: 30 (got ${products.length})`);
  needUnique(products, 'product retailer id');
}

/** A whole catalogue, shown by one of its products. */
export function checkCatalog(action: Fields): void {
  needFields(action, ACTION, ['name', 'parameters']);
  needOneOf(action.name, `${ACTION}['name']`, ['catalog_message']);
  if (action.parameters === undefined) return;
  const at = `${ACTION}['parameters']`;
  const parameters = needFields(action.parameters, at, ['thumbnail_product_retailer_id']);
  needText(parameters.thumbnail_product_retailer_id, `${at}['thumbnail_product_retailer_id']`, 100);
}
