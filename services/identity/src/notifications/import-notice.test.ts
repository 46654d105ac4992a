import { type EventData, type importFinished, uuidv7 } from '@recado/contracts';
import { expect, it } from 'vitest';
import { importNotice } from './notices.ts';

const one = { id: uuidv7(), fileName: 'a.csv', total: 10, created: 5, updated: 2, invalid: 3, createdBy: uuidv7() };
const noticeOf = (status: string) =>
  importNotice({ import: { ...one, status } } as unknown as EventData<typeof importFinished>);

it('an import that ended tells who ordered it what became of its rows', () => {
  expect(noticeOf('done')).toEqual({
    kind: 'import.finished',
    params: { fileName: 'a.csv', total: 10, imported: 7, invalid: 3 },
    about: { type: 'import', id: one.id },
    to: { people: [one.createdBy], otherwise: ['admin'] },
  });
  expect(noticeOf('failed')).toMatchObject({ kind: 'import.failed' });
});

it('an import that a person cancelled tells no one', () => {
  expect(noticeOf('cancelled')).toBeNull();
});
