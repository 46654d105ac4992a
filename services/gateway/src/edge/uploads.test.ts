import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { createRegistry } from '@recado/service-kit';
import { beforeEach, describe, expect, it } from 'vitest';
import { createUploads, type Uploads } from './uploads.ts';

let now = 0;
let uploads: Uploads;
let answered: string[];
beforeEach(() => {
  now = 1_000_000;
  answered = [];
  const registry = createRegistry('test');
  uploads = createUploads({ registry, maxBytes: 100, maxBytesPerAddress: 40, clock: () => now });
});

function upload(name: string, bytes: number, headers: Record<string, string> = {}) {
  const socket = { end: (text: string) => answered.push(`${name} ${text.slice(9, 12)}`), destroy() {} };
  const request = Object.assign(new EventEmitter(), {
    complete: false,
    headers: { 'content-length': String(bytes), ...headers },
    socket,
  });
  return request as unknown as IncomingMessage;
}

describe('an upload without room', () => {
  it('is refused while the others are fast', () => {
    uploads.begin(upload('first', 30), 'a');
    now += 1000;
    expect(() => uploads.begin(upload('second', 30), 'a')).toThrow('Too many requests');
    expect(answered).toEqual([]);
    expect(uploads.stats()).toEqual({ bytes: 30, uploads: 1 });
  });

  it('ends the oldest slow upload of its own address, and none of another’s', () => {
    uploads.begin(upload('other', 30), 'b');
    uploads.begin(upload('first', 30), 'a');
    now += 1000;
    uploads.begin(upload('second', 10), 'a');
    now += 1500;
    uploads.begin(upload('third', 30), 'a');
    expect(answered).toEqual(['first 408']);
    expect(uploads.stats()).toEqual({ bytes: 70, uploads: 3 });
  });

  it('ends the oldest slow upload of all addresses when the total is full', () => {
    for (const address of ['a', 'b', 'c']) uploads.begin(upload(address, 30), address);
    now += 3000;
    uploads.begin(upload('d', 30), 'd');
    expect(answered).toEqual(['a 408']);
    expect(uploads.stats()).toEqual({ bytes: 90, uploads: 3 });
  });
});

it('gets the room of a body that ended, which frees it once', () => {
  const request = upload('one', 30);
  uploads.begin(request, 'a');
  request.emit('end');
  request.emit('close');
  expect(uploads.stats()).toEqual({ bytes: 0, uploads: 0 });
});

it('files have places of their own: one address gets 16 at once', () => {
  const requests = Array.from({ length: 16 }, (_, i) => upload(`file ${i}`, 90_000_000));
  for (const request of requests) uploads.beginFile(request, 'a');
  expect(() => uploads.beginFile(upload('one more', 1), 'a')).toThrow('Too many requests');
  uploads.beginFile(upload('of another', 1), 'b');
  requests[0]!.emit('close');
  uploads.beginFile(upload('the next', 1), 'a');
  expect(uploads.stats()).toEqual({ bytes: 0, uploads: 0 });
});
