import { fileURLToPath } from 'node:url';
import * as contracts from '@recado/contracts';
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { pureContracts } from '../pure-contracts.ts';

describe('pureContracts', () => {
  test('leaves out what a bundle does not use', async () => {
    const text = await bundle(
      "import { sessionRevoked } from '@recado/contracts'; export default sessionRevoked.type;",
    );
    expect(text).toContain('identity.session.revoked');
    expect(text).not.toContain('conversation.message.created');
    expect(text).not.toContain('/conversations');
  });

  test('changes no constant', async () => {
    const text = await bundle("export * from '@recado/contracts';");
    const bundled = await import(`data:text/javascript,${encodeURIComponent(text)}`);
    expect(Object.keys(bundled).sort()).toEqual(Object.keys(contracts).sort());
    expect(JSON.stringify(bundled.ALL_EVENTS)).toBe(JSON.stringify(contracts.ALL_EVENTS));
    expect(JSON.stringify(bundled.conversationApi)).toBe(JSON.stringify(contracts.conversationApi));
  });
});

async function bundle(contents: string): Promise<string> {
  const resolveDir = fileURLToPath(new URL('..', import.meta.url));
  const { outputFiles } = await build({
    stdin: { contents, resolveDir },
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
    plugins: [pureContracts],
  });
  return outputFiles[0]!.text;
}
