import { call, must, until } from '../support/api.ts';
import type { Fixture } from './fixture.ts';

/** A template with so many values in its body; the sandbox approves it at once. */
export async function approveTemplate(
  { gateway, tenant, slug }: Fixture,
  name: string,
  language: string,
  values: number,
): Promise<void> {
  const access = { token: tenant.crm, headers: { 'x-tenant-slug': slug } };
  const places = Array.from({ length: values }, (_, i) => `{{${i + 1}}}`);
  const example = { body_text: [places.map((_, i) => `valor ${i + 1}`)] };
  const text = `Estos son los datos de la reserva que pediste: ${places.join(' y ')}. Te esperamos en nuestra casa.`;
  const components = [{ type: 'BODY', text, example }];
  const body = { channelId: tenant.channelId, name, language, category: 'UTILITY', components };
  const { id } = await must(call<{ id: string }>(gateway, 'POST', '/inbox/api/templates', { ...access, body }), 201);
  await until('the template to be approved', async () => {
    const found = call<{ usable: boolean }>(gateway, 'GET', `/inbox/api/templates/${id}`, access);
    return (await must(found, 200)).usable || null;
  });
}
