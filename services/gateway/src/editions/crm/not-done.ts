/**
 * What crm.md shows and this build has no data for yet, by the shape it stands in. It is answered as null, never as an empty list that looks like
 * data, and counts as not done in every list of what is done. An issue that fills one takes it out of here.
 */
export const NOT_DONE = {
  chat: ['campaign'],
  chatDetail: [
    'campaign',
    'client.lead_status',
    'client.tags',
    'client.notes',
    'client.custom_fields',
    'tags',
    'notes',
    'bot_context',
  ],
  number: ['campaigns'],
  userDetail: ['campaigns'],
} as const;
