import { uuidv7 } from '@recado/contracts';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { fileForm } from '../../../tests/support/form.ts';
import { accessToken } from './access-token.ts';
import { file, TOO_MUCH } from './fake-files.ts';
import { tenant } from './samples.ts';
import { startTestGateway, type TestGateway } from './test-gateway.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway?.close());
afterEach(() => vi.useRealTimers());

const picture = { name: 'imagen.jpg', type: 'image/jpeg', content: Buffer.alloc(300_000, 'x') };
const authorization = () => `Bearer ${accessToken(gateway.fakes)}`;

function post(form: { headers: Record<string, string>; raw: Buffer | string }) {
  const headers = { authorization: authorization(), ...form.headers };
  return gateway.app.inject({ method: 'POST', url: '/v1/files', headers, payload: form.raw });
}
const get = (url: string, headers: Record<string, string> = {}) => gateway.app.inject({ method: 'GET', url, headers });

describe('POST /v1/files', () => {
  it('passes the file on, and confirms it with the fields that come after it', async () => {
    const answer = await post(fileForm(picture, { related_entity_type: 'message', related_entity_id: '789' }));
    expect(answer.statusCode, answer.body).toBe(201);
    expect(answer.json()).toMatchObject({
      original_filename: 'imagen.jpg',
      width: 1920,
      related_entity_type: 'message',
      related_entity_id: '789',
      thumbnail_path: expect.stringMatching(/^https:\/\/api\.example\.com\/media\/[\w-]+\/[\w-]+-imagen\.jpg$/),
      playback_path: null,
    });
  });

  it('names what is wrong with a form', async () => {
    const fieldsOf = async (form: Parameters<typeof post>[0]) => {
      const answer = await post(form);
      return [answer.statusCode, answer.json().error.details?.map(({ field }: { field: string }) => field)];
    };
    expect(await fieldsOf(fileForm(picture, { tenant_id: 'x' }))).toEqual([422, ['tenant_id']]);
    expect(await fieldsOf(fileForm(picture, { related_entity_type: 'No!' }))).toEqual([422, ['related_entity_type']]);
    const { headers } = fileForm(picture);
    const boundary = headers['content-type']!.split('=')[1];
    expect(await fieldsOf({ headers, raw: `--${boundary}--\r\n` })).toEqual([422, ['file']]);
  });

  it('names the file when a form holds two', async () => {
    const { headers, raw } = fileForm(picture);
    const boundary = headers['content-type']!.split('=')[1];
    const one = raw.subarray(0, raw.lastIndexOf(`--${boundary}--`));
    const answer = await post({ headers, raw: Buffer.concat([one, raw]) });
    expect(answer.statusCode).toBe(422);
    expect(answer.json().error.details).toEqual([{ field: 'file', message: 'Envía un archivo, y solo uno' }]);
  });

  it('takes a long name whose end would be cut within a character', async () => {
    const answer = await post(fileForm({ ...picture, name: `${'x'.repeat(499)}😀.jpg` }));
    expect(answer.statusCode, answer.body).toBe(201);
  });

  it('says in its own words what it does not take', async () => {
    const { headers, raw } = fileForm(picture);
    expect((await post({ headers, raw: raw.subarray(0, 1000) })).statusCode).toBe(400);
    const json = await post({ headers: { 'content-type': 'application/json' }, raw: '{}' });
    expect([json.statusCode, json.json().error.message]).toEqual([
      415,
      expect.stringMatching(/usa multipart\/form-data$/),
    ]);
    const full = await post(fileForm({ ...picture, name: TOO_MUCH }));
    expect([full.statusCode, full.json().error.code]).toEqual([413, 'PAYLOAD_TOO_LARGE']);
  });
});

describe('a file', () => {
  it('is downloaded with the ranges of HTTP and no header of the mesh', async () => {
    const headers = { authorization: authorization(), range: 'bytes=2-4', 'accept-encoding': 'gzip' };
    const answer = await get(`/v1/files/${file.id}/download`, headers);
    expect([answer.statusCode, answer.body]).toEqual([206, '234']);
    expect(answer.headers).toMatchObject({ 'content-range': 'bytes 2-4/10', 'x-content-type-options': 'nosniff' });
    expect(answer.headers).not.toHaveProperty('x-inside');
  });

  it('is shown by its signed link without a token, until the link expires', async () => {
    const link = (variant: 'original' | 'thumbnail', fileId = file.id) =>
      gateway.deps.mediaLinks
        .make({ tenantId: tenant.id, fileId, variant }, 'a.jpg')
        .replace('https://api.example.com', '');
    const shown = await get(link('thumbnail'));
    expect([shown.statusCode, shown.body, shown.headers['cache-control']]).toEqual([
      200,
      '0123456789',
      'private, max-age=3600',
    ]);
    expect((await get(link('original', uuidv7()))).statusCode).toBe(404);
    expect((await get('/media/forged/a.jpg')).statusCode).toBe(404);
    const old = link('original');
    vi.useFakeTimers({ now: Date.now() + 3 * 3600_000, toFake: ['Date'] });
    expect((await get(old)).statusCode).toBe(403);
  });
});
