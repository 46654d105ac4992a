/**
 * An identity names another contact by now. Its SQLSTATE is that of a lost race: the batch is tried
 * again, from the tables.
 */
export class StaleContacts extends Error {
  override name = 'StaleContacts';
  code = '40001';
  constructor() {
    super('An identity no longer names the contact that was found by it');
  }
}
