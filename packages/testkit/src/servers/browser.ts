import { findProgram } from './find.ts';
import { installFromSystem } from './install.ts';

/** Names under which systems keep a Chromium that can run without a screen. */
const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Keeps a test's browser on this machine: it fetches and reports nothing by itself. */
export const BROWSER_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Finds a Chromium, or installs one from the system's packages.
 * @throws Error that says how to install it when there is none.
 */
export function findBrowser(say: (line: string) => void = console.log): string {
  const found = findProgram(...BROWSERS);
  if (found) return found;
  const { advice } = installFromSystem('chromium', say);
  const installed = findProgram(...BROWSERS);
  if (!installed) throw new Error(`This test needs a Chromium: ${advice}`);
  return installed;
}
