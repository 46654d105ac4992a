import { z } from 'zod';
import { FIELD_CODES, type FieldCode, withCode } from '../errors.ts';
import { isoTime, oneOrMore, text, uuid } from '../primitives.ts';
import { route } from '../route.ts';
import { CUSTOM_FIELD_TYPES, MAX_CUSTOM_FIELDS } from './contacts.ts';

export const customField = z
  .object({
    id: uuid(),
    key: z.string().describe("In a contact's custom fields"),
    label: z.string(),
    type: z.enum(CUSTOM_FIELD_TYPES),
    options: z.array(z.string()).describe('Of type `option`: what may be chosen'),
    createdAt: isoTime(),
    updatedAt: isoTime(),
  })
  .meta({ id: 'CustomField' });
export type CustomField = z.infer<typeof customField>;

const params = z.strictObject({ fieldId: uuid() });
const issue = (path: PropertyKey[], code: FieldCode) =>
  ({ code: 'custom', path, message: FIELD_CODES[code], params: { code } }) as const;
const options = z
  .array(text(120))
  .min(1)
  .max(200)
  .superRefine((all, context) => {
    for (const [i, option] of all.entries()) if (all.indexOf(option) < i) context.addIssue(issue([i], 'duplicate'));
  });

/** What a tenant's custom fields hold. A field without a definition takes any text or number. */
export const customFieldRoutes = {
  listCustomFields: route({
    method: 'GET',
    path: '/custom-fields',
    access: 'contacts.read',
    responses: { 200: z.object({ items: z.array(customField).max(MAX_CUSTOM_FIELDS) }) },
    summary: `The tenant's custom fields, at most ${MAX_CUSTOM_FIELDS}, the first made first (contacts.read)`,
  }),
  createCustomField: route({
    method: 'POST',
    path: '/custom-fields',
    access: 'tenant.update',
    once: true,
    body: z
      .strictObject({
        key: text(60).refine((key) => key !== '__proto__', withCode('field_key')),
        label: text(120).optional().describe('The key unless said'),
        type: z.enum(CUSTOM_FIELD_TYPES),
        options: options.optional(),
      })
      .superRefine(({ type, options }, context) => {
        if ((type === 'option') === (options !== undefined)) return;
        context.addIssue(issue(['options'], options ? 'unknown' : 'required'));
      }),
    responses: { 201: customField },
    audit: 'custom_field.create',
    summary: 'Define a custom field (tenant.update). A key that is defined: 409. Values from before stay as they are',
  }),
  updateCustomField: route({
    method: 'PUT',
    path: '/custom-fields/:fieldId',
    access: 'tenant.update',
    params,
    body: z
      .strictObject({ label: text(120), options })
      .partial()
      .refine(oneOrMore, withCode('no_fields')),
    responses: { 200: customField },
    audit: 'custom_field.update',
    summary: 'Change the label or the options of a custom field (tenant.update); its key and type stay',
  }),
  deleteCustomField: route({
    method: 'DELETE',
    path: '/custom-fields/:fieldId',
    access: 'tenant.update',
    params,
    responses: { 204: z.null() },
    audit: 'custom_field.delete',
    summary: 'Remove a definition (tenant.update); contacts keep their values',
  }),
};
