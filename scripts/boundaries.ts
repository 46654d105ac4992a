// Checks who imports whom against .dependency-cruiser.mjs.
import { cruise, type IConfiguration, type ICruiseResult } from 'dependency-cruiser';

const rules = new URL('../.dependency-cruiser.mjs', import.meta.url).href;
const { default: config } = (await import(rules)) as { default: IConfiguration };

/**
 * A parser that reads nothing finds nothing: with fewer of our own files than this the check itself
 * is broken.
 */
const AT_LEAST = 150;
const FOLDERS = ['packages', 'services', 'infra', 'tests', 'bench', 'scripts'];

const { output } = await cruise(FOLDERS, { ...config.options, ruleSet: config, validate: true });
const { modules, summary } = output as ICruiseResult;
const ours = modules.filter(
  ({ source, dependencies }) => /^(packages|services)\/.*\.ts$/.test(source) && dependencies.length > 0,
);
if (ours.length < AT_LEAST) {
  console.error(
    `Only ${ours.length} of our files with imports were read; at least ${AT_LEAST} are there. Is @swc/core installed?`,
  );
  process.exit(1);
}
for (const { rule, from, to } of summary.violations) console.error(`${rule.severity} ${rule.name}: ${from} → ${to}`);
console.log(`${modules.length} modules, ${summary.totalDependenciesCruised} imports, ${summary.error} forbidden`);
process.exit(summary.error > 0 ? 1 : 0);
