import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { Registry } from '@recado/service-kit';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createUploads } from './uploads.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function createRequest() {
  const request = new IncomingMessage(new Socket());
  request.headers['content-length'] = '1000';
  const end = vi.spyOn(request.socket, 'end').mockReturnThis();
  return { request, end };
}
const createAll = () => createUploads({ registry: new Registry(), maxBytes: 10_000, maxBytesPerAddress: 5000 });

it('A body that takes longer than 30 seconds is ended with 408, and its room is free', () => {
  const uploads = createAll();
  const { request, end } = createRequest();
  uploads.begin(request, '10.0.0.1');
  vi.advanceTimersByTime(29_999);
  expect([end.mock.calls.length, uploads.stats()]).toEqual([0, { bytes: 1000, uploads: 1 }]);
  vi.advanceTimersByTime(1);
  expect(end).toHaveBeenCalledWith(expect.stringContaining('408'), expect.any(Function));
  expect(uploads.stats()).toEqual({ bytes: 0, uploads: 0 });
});

it('A body that has ended in time leaves its connection open', () => {
  const uploads = createAll();
  const { request, end } = createRequest();
  uploads.begin(request, '10.0.0.1');
  request.emit('end');
  vi.advanceTimersByTime(60_000);
  expect(end).not.toHaveBeenCalled();
});

it('A file may take long, but one of which no byte comes for 30 seconds is ended', () => {
  const uploads = createAll();
  const { request, end } = createRequest();
  const bytesRead = vi.spyOn(request.socket, 'bytesRead', 'get').mockReturnValue(0);
  uploads.beginFile(request, '10.0.0.1');
  for (let i = 1; i <= 10; i++) {
    bytesRead.mockReturnValue(i * 1000);
    vi.advanceTimersByTime(30_000);
  }
  expect(end).not.toHaveBeenCalled();
  vi.advanceTimersByTime(30_000);
  expect(end).toHaveBeenCalledOnce();
});
