import { setTimeout as pause } from 'node:timers/promises';
import { identityApi, type Session } from '@recado/contracts';
import fc from 'fast-check';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { me, register } from './accounts.ts';
import { call, callerOf, type Running, startForTest } from './support.ts';

const GRACE_SECONDS = 30;
let copies: Running[];
let sql: postgres.Sql;
beforeAll(async () => {
  const first = await startForTest({ RECADO_REFRESH_GRACE: String(GRACE_SECONDS) });
  copies = [first, await first.startCopy()];
  sql = postgres(first.database.adminUrl, { max: 1 });
});
afterAll(async () => {
  await sql.end();
  await copies[1]!.stop();
  await copies[0]!.stop();
});

const refresh = (copy: number, refreshToken: string) =>
  call(copies[copy]!, identityApi.refresh, { body: { edition: 'saas', refreshToken } });

/** Lets time pass since the family's tokens were used. */
const age = (session: Session, seconds: number) => sql`
  update identity.refresh_tokens set used_at = used_at - ${seconds} * interval '1 second'
  where tenant_id = ${session.tenant.id}`;

const countLive = async (session: Session): Promise<number> =>
  (await sql`select 1 from identity.refresh_tokens where tenant_id = ${session.tenant.id} and used_at is null`).length;

describe('a family of refresh tokens, used through two copies of the service', () => {
  it('survives any latency, lost answers and any number of tabs, with one live successor', async () => {
    const tab = fc.record({
      copy: fc.constantFrom(0, 1),
      startsAfterMs: fc.integer({ min: 0, max: 25 }),
      answerTakesMs: fc.integer({ min: 0, max: 25 }),
      lostAnswers: fc.integer({ min: 0, max: 2 }),
      goneForSeconds: fc.integer({ min: 0, max: 9 }),
    });
    const rounds = fc.array(fc.array(tab, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(rounds, async (plan) => {
        const session = await register(copies[0]!);
        let token = session.refreshToken!;
        for (const tabs of plan) {
          // Every tab holds the same token when its access token is about to expire.
          const got = await Promise.all(
            tabs.map(async ({ copy, startsAfterMs, answerTakesMs, lostAnswers, goneForSeconds }) => {
              await pause(startsAfterMs);
              for (let lost = 0; lost < lostAnswers; lost++) {
                expect((await refresh(copy, token)).status).toBe(200);
                // Time passes for all tabs at once. A single one stays within the grace period: 18
                // s at most.
                if (tabs.length === 1) await age(session, goneForSeconds);
              }
              const { status, body } = await refresh(copy, token);
              await pause(answerTakesMs);
              return { status, next: body.refreshToken as string };
            }),
          );
          expect(got.map(({ status }) => status)).toEqual(tabs.map(() => 200));
          expect(new Set(got.map(({ next }) => next)).size).toBe(1);
          expect(await countLive(session)).toBe(1);
          expect((await me(copies[1]!, session)).status).toBe(200);
          token = got[0]!.next;
          await age(session, 14 * 60);
        }
      }),
      { numRuns: 15 },
    );
  });

  it('answers any order of uses and waits by the rule', async () => {
    const step = fc.record({
      // Counted from the newest token the client got.
      back: fc.integer({ min: 0, max: 3 }),
      copy: fc.constantFrom(0, 1),
      waitSeconds: fc.constantFrom(0, 0, 10, 29, 31),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 10 }), async (steps) => {
        const session = await register(copies[0]!);
        const tokens = [session.refreshToken!];
        /** Seconds since each token was used. */
        const usedAgo: (number | null)[] = [null];
        for (const { back, copy, waitSeconds } of steps) {
          await age(session, waitSeconds);
          for (const [i, ago] of usedAgo.entries()) if (ago !== null) usedAgo[i] = ago + waitSeconds;
          const i = Math.max(0, tokens.length - 1 - back);
          const { status, body } = await refresh(copy, tokens[i]!);
          const ago = usedAgo[i]!;
          const movedOn = (usedAgo[i + 2] ?? null) !== null;
          if (ago !== null && (ago >= GRACE_SECONDS || movedOn)) {
            expect([status, body.error?.code]).toEqual([401, 'refresh_reused']);
            expect((await refresh(copy, tokens.at(-1)!)).status).toBe(401);
            expect((await me(copies[0]!, session)).status).toBe(401);
            return;
          }
          expect(status).toBe(200);
          if (ago === null) {
            usedAgo[i] = 0;
            tokens.push(body.refreshToken);
            usedAgo.push(null);
          }
          expect(body.refreshToken).toBe(tokens[i + 1]);
          expect(callerOf(body).sessionId).toBe(callerOf(session).sessionId);
          expect(await countLive(session)).toBe(1);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('has one live successor after 20 refreshes at once', async () => {
    const session = await register(copies[0]!);
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => refresh(i % 2, session.refreshToken!)));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(new Set(answers.map(({ body }) => body.refreshToken)).size).toBe(1);
    expect(await countLive(session)).toBe(1);
    expect((await refresh(1, answers[0]!.body.refreshToken)).status).toBe(200);
  });
});

describe('what the database holds of a refresh', () => {
  it('is not enough to make the successor', async () => {
    const session = await register(copies[0]!);
    const { body } = await refresh(0, session.refreshToken!);
    const rows = await sql`select * from identity.refresh_tokens where tenant_id = ${session.tenant.id}`;
    const stored = rows.flatMap((row) => Object.values(row)).filter((value) => value instanceof Buffer);
    expect(stored).toHaveLength(4);
    const secret = Buffer.from(body.refreshToken, 'base64url').subarray(16);
    for (const value of stored) expect(value.equals(secret)).toBe(false);
  });
});
