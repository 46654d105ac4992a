import { afterAll, beforeAll, expect, it } from 'vitest';
import { call, must, until } from '../../support/api.ts';
import { createTenant, type TestTenant } from '../../support/tenant.ts';
import { sharedTestMesh } from '../shared-mesh.ts';
import type { TestMesh } from '../test-mesh.ts';

let mesh: TestMesh;
let tenant: TestTenant;
beforeAll(async () => {
  mesh = sharedTestMesh();
  tenant = await createTenant(mesh.gateway, mesh.sandbox);
});
afterAll(() => mesh?.stop());

interface Notice {
  title: string;
  message: string;
  related_entity_type: string;
  related_entity_id: string;
}
const post = (path: string, body: object) =>
  must(call<{ id: string }>(mesh.gateway, 'POST', path, { token: tenant.crm, body }), 201);
const notices = async (token: string, path = '/v1/notifications') =>
  (await must(call<{ data: Notice[] }>(mesh.gateway, 'GET', path, { token }), 200)).data;

it('the reminder of a task reaches its assignee, through the scheduler, and a completed one is silent', async () => {
  const due_date = new Date(Date.now() + 60_000).toISOString();
  const soon = new Date(Date.now() + 2_000).toISOString();
  const done = await post('/v1/tasks', { title: 'Callada', due_date, reminder_date: soon });
  const path = `/v1/tasks/${done.id}/complete`;
  await must(call(mesh.gateway, 'POST', path, { token: tenant.crm, body: {} }), 200);
  const { id } = await post('/v1/tasks', { title: 'Renovación', due_date, reminder_date: soon });
  const [notice] = await until('the reminder', async () => {
    const all = await notices(tenant.crm);
    return all.length > 0 ? all : null;
  });
  expect(notice).toMatchObject({
    title: 'Recordatorio de tarea',
    message: 'Recuerda la tarea "Renovación"',
    related_entity_type: 'Task',
    related_entity_id: id,
  });
  expect(await notices(tenant.crm)).toHaveLength(1);
});

it('a field is named as the client spelled it, also where the service has another name for it', async () => {
  const tags = Array.from({ length: 50 }, (_, i) => `tag ${i}`);
  const { id } = await post('/v1/clients', { phone_number: '+573001112233', tags });
  const answer = await call(mesh.gateway, 'POST', `/v1/clients/${id}/tags`, {
    token: tenant.crm,
    body: { tag: 'uno más' },
  });
  expect(answer.status).toBe(422);
  expect(answer.body).toMatchObject({ error: { details: [{ field: 'tag' }] } });
});
