import { describe, expect, test } from 'vitest';
import type { LinkState } from '../../providers/linking.ts';
import { LINK_MS, type LinkFacts, LOGGED_OUT, LOST, linkPause, NOT_LINKED, nextLink, RESUMES } from './link-rules.ts';

const WAITING: LinkFacts = {
  status: 'connecting',
  reason: null,
  phone: null,
  begunMs: 1000,
  tries: 0,
  beginning: false,
  hasCode: false,
};
const WORKING: LinkFacts = {
  status: 'connected',
  reason: null,
  phone: null,
  begunMs: null,
  tries: 0,
  beginning: false,
  hasCode: false,
};
const code = { qr: 'data:image/png;base64,AA==', pairingCode: null, lifeMs: 20_000 };
const CODE: LinkState = { kind: 'code', code };
const PENDING: LinkState = { kind: 'pending' };
const closed = (resumable: boolean): LinkState => ({ kind: 'closed', reason: 'Scan it', resumable });
const AWAY: LinkState = { kind: 'unreachable', reason: 'No answer' };
const LINKED: LinkState = { kind: 'linked', phone: { phone: '+5511', name: null, pictureUrl: null } };

const linkedTo = (phone: string): LinkState => ({ kind: 'linked', phone: { phone, name: null, pictureUrl: null } });

describe('another phone than the number’s', () => {
  const scanned = { ...WAITING, status: 'qr' as const, phone: '+5511988887777' };

  test('is refused with both numbers, and logged out when it scanned our code', () => {
    for (const facts of [scanned, { ...scanned, beginning: true, hasCode: true }]) {
      expect(nextLink(facts, linkedTo('+5511944442222'))).toMatchObject({
        status: 'disconnected',
        reason: expect.stringMatching(/\+5511944442222.*\+5511988887777/),
        phone: null,
        order: 'unlink',
        dueInMs: 0,
      });
    }
  });

  test('is left alone at the provider when it was there before, also under a number that worked', () => {
    for (const facts of [
      { ...scanned, beginning: true, hasCode: false },
      { ...WORKING, phone: scanned.phone },
    ]) {
      const step = nextLink(facts, linkedTo('+5511944442222'));
      expect(step).toMatchObject({ status: 'disconnected', order: null, dueInMs: null });
    }
  });

  test('is none when only the spelling differs, or one of them is not known', () => {
    expect(nextLink(scanned, linkedTo('+551188887777'))).toMatchObject({ status: 'connected' });
    expect(nextLink({ ...scanned, phone: null }, linkedTo('+5511944442222'))).toMatchObject({ status: 'connected' });
    const unnamed: LinkState = { kind: 'linked', phone: { phone: null, name: null, pictureUrl: null } };
    expect(nextLink(scanned, unnamed)).toMatchObject({ status: 'connected' });
  });
});

describe('while a person links a phone', () => {
  test('each code is shown until the provider replaces it', () => {
    expect(nextLink(WAITING, CODE)).toMatchObject({ status: 'qr', code, begun: true, dueInMs: 20_000, order: null });
    expect(nextLink({ ...WAITING, status: 'qr' }, CODE)).toMatchObject({ status: 'qr', code });
  });

  test('a code that is not scanned in five minutes ends without an error, and the provider is told to stop', () => {
    for (const state of [CODE, PENDING, AWAY, closed(true)]) {
      expect(nextLink({ ...WAITING, status: 'qr', begunMs: LINK_MS + 1 }, state)).toMatchObject({
        status: 'disconnected',
        reason: NOT_LINKED,
        order: 'stop',
        code: null,
        begun: false,
      });
    }
  });

  test('the provider ends its codes: the same, after two looks that may fall into a restart', () => {
    const first = nextLink({ ...WAITING, status: 'qr' }, closed(false));
    expect(first).toMatchObject({ status: 'connecting', tries: 1, begun: true });
    expect(nextLink({ ...WAITING, tries: 2 }, closed(false))).toMatchObject({
      status: 'disconnected',
      reason: NOT_LINKED,
      order: null,
    });
  });

  test('a code that comes as an event alone is not taken away by a look', () => {
    const waits: LinkState = { kind: 'pending', keepsCode: true };
    expect(nextLink({ ...WAITING, hasCode: true }, waits)).toMatchObject({ status: 'qr', code: 'keep' });
    expect(nextLink(WAITING, waits)).toMatchObject({ status: 'connecting', code: 'keep' });
    expect(nextLink({ ...WAITING, hasCode: true }, PENDING)).toMatchObject({ status: 'connecting', code: null });
  });

  test('a server that is away is tried again, with the reason shown', () => {
    expect(nextLink({ ...WAITING, beginning: true }, AWAY)).toMatchObject({
      status: 'connecting',
      reason: 'No answer',
      begun: true,
      order: 'begin',
      dueInMs: linkPause(0),
    });
    expect(nextLink(WAITING, AWAY)).toMatchObject({ order: null });
  });

  test('a refusal is an error, and a scan makes it connected', () => {
    const refused = { kind: 'refused', reason: 'Bad key' } as const;
    expect(nextLink(WAITING, refused)).toMatchObject({ status: 'error', reason: 'Bad key', begun: false });
    expect(nextLink(WAITING, LINKED)).toMatchObject({ status: 'connected', reason: null, phone: { phone: '+5511' } });
  });
});

describe('of a number that worked', () => {
  test('a server that is away says nothing', () => expect(nextLink(WORKING, AWAY)).toBeNull());

  test('a lost connection that the provider restores is looked at with growing pauses, then an error', () => {
    const first = nextLink(WORKING, PENDING);
    expect(first).toMatchObject({ status: 'connecting', reason: LOST, tries: 1, order: null, dueInMs: linkPause(0) });
    const facts = { ...WORKING, status: 'connecting' as const, tries: RESUMES };
    expect(nextLink(facts, PENDING)).toMatchObject({ status: 'error', dueInMs: null });
  });

  test('a closed session is begun again, so often and no more', () => {
    expect(nextLink(WORKING, closed(true))).toMatchObject({ status: 'connecting', order: 'begin', tries: 1 });
    const facts = { ...WORKING, status: 'connecting' as const, tries: RESUMES };
    expect(nextLink(facts, closed(true))).toMatchObject({ status: 'error', order: null });
    expect(nextLink({ ...WORKING, status: 'error' }, closed(true))).toMatchObject({ status: 'error', order: null });
  });

  test('one that only a scan brings back is an error', () => {
    expect(nextLink(WORKING, closed(false))).toMatchObject({ status: 'error', reason: 'Scan it' });
  });

  test('a code without a try of ours means a logout; one of our own try is stopped', () => {
    const ended = { status: 'error', reason: LOGGED_OUT };
    expect(nextLink({ ...WORKING, status: 'connecting', tries: 1 }, CODE)).toMatchObject({ ...ended, order: 'stop' });
    expect(nextLink({ ...WORKING, status: 'error' }, CODE)).toMatchObject({ ...ended, order: null });
  });
});

test('pauses double and are capped', () => {
  expect([0, 1, 2, 50].map(linkPause)).toEqual([5000, 10_000, 20_000, 300_000]);
});
