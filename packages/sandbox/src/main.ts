import { z } from 'zod';
import { startSandbox } from './sandbox.ts';

const config = z
  .object({
    PORT: z.coerce.number().int().min(0).max(65_535).default(3190),
    SMTP_PORT: z.coerce.number().int().min(0).max(65_535).default(3191),
    HOST: z.string().default('127.0.0.1'),
    SANDBOX_LEDGER_FILE: z.string().min(1).optional(),
    SANDBOX_LEDGER_ROWS: z.coerce.number().int().min(1).optional(),
    SANDBOX_CONTROL_TOKEN: z.string().min(1).optional(),
    SANDBOX_EVOLUTION_KEY: z.string().min(1).optional(),
    SANDBOX_WPPCONNECT_SECRET: z.string().min(1).optional(),
    SANDBOX_PUBLIC_URL: z.url().optional(),
    SANDBOX_SEED: z.string().min(1).optional(),
  })
  .safeParse(Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== '')));

const say = (level: string, msg: string, more: object = {}) =>
  console.log(JSON.stringify({ level, time: new Date().toISOString(), name: 'sandbox', msg, ...more }));

if (!config.success) {
  say(
    'error',
    `Bad settings: ${config.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ')}`,
  );
  process.exit(1);
}
const env = config.data;

try {
  const sandbox = await startSandbox({
    port: env.PORT,
    smtpPort: env.SMTP_PORT,
    host: env.HOST,
    ledgerFile: env.SANDBOX_LEDGER_FILE,
    ledgerRows: env.SANDBOX_LEDGER_ROWS,
    controlToken: env.SANDBOX_CONTROL_TOKEN,
    evolutionKey: env.SANDBOX_EVOLUTION_KEY,
    wppconnectSecret: env.SANDBOX_WPPCONNECT_SECRET,
    publicUrl: env.SANDBOX_PUBLIC_URL,
    seed: env.SANDBOX_SEED,
  });
  say('info', 'listening', {
    url: sandbox.url,
    graphUrl: sandbox.graphUrl,
    evolutionUrl: sandbox.evolutionUrl,
    wppconnectUrl: sandbox.wppconnectUrl,
    openaiBaseUrl: sandbox.openaiBaseUrl,
    smtpUrl: sandbox.smtpUrl,
  });
  const stop = (signal: string) => {
    say('info', `stopping on ${signal}`);
    // What is in the ledger is in its file already; nothing is lost by not waiting longer.
    setTimeout(() => process.exit(0), 800).unref();
    sandbox.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.once('SIGTERM', () => stop('SIGTERM'));
  process.once('SIGINT', () => stop('SIGINT'));
} catch (error) {
  say('error', error instanceof Error ? error.message : String(error));
  process.exit(1);
}
