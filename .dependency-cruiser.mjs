// Which module may import which, as docs and README describe it. Run by scripts/boundaries.ts,
// which also checks that files were read.
const TEST_CODE = String.raw`(^tests/|^bench/|/bench/|^scripts/|^infra/local/|^vitest\.config\.ts$|/test/|\.test\.ts$)`;
const TEST_FILE = String.raw`(/test/|/bench/|\.test\.ts$)`;

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'contracts-import-zod-alone',
      comment: 'Contracts are data that anyone can read: frontends, generators, services.',
      severity: 'error',
      from: { path: '^packages/contracts/src/', pathNot: TEST_FILE },
      to: { pathNot: ['^packages/contracts/src/', '/zod/'] },
    },
    {
      name: 'shared-packages-import-contracts-alone',
      comment:
        'database, messaging, jobs and service-kit do not know one another; packages/service puts them together. What their loops share is in loops.',
      severity: 'error',
      from: { path: '^packages/(database|messaging|jobs|service-kit)/', pathNot: TEST_FILE },
      to: { path: '^packages/', pathNot: ['^packages/$1/', '^packages/contracts/', '^packages/loops/'] },
    },
    {
      name: 'loops-import-nothing',
      severity: 'error',
      from: { path: '^packages/loops/', pathNot: TEST_FILE },
      to: { pathNot: ['^packages/loops/'], dependencyTypesNot: ['core'] },
    },
    {
      name: 'sandbox-stands-outside',
      comment: 'The simulated outside world knows of Recado only what its makers published.',
      severity: 'error',
      from: { path: '^packages/sandbox/', pathNot: TEST_FILE },
      to: { path: '^(packages/(?!sandbox/|contracts/)|services/)' },
    },
    {
      name: 'packages-never-import-services',
      severity: 'error',
      from: { path: '^packages/' },
      to: { path: '^services/' },
    },
    {
      name: 'services-never-import-each-other',
      comment: 'They talk by HTTP contracts and by events.',
      severity: 'error',
      from: { path: '^services/([^/]+)/' },
      to: { path: '^services/', pathNot: '^services/$1/' },
    },
    {
      name: 'editions-never-import-each-other',
      comment: 'The same six lines in two editions may be right; a change for one must not reach another.',
      severity: 'error',
      from: { path: '^services/gateway/src/editions/([^/]+)/' },
      to: { path: '^services/gateway/src/editions/[^/]+/', pathNot: '^services/gateway/src/editions/$1/' },
    },
    {
      name: 'drivers-stay-behind-their-interface',
      comment: 'The connector knows providers/provider.ts alone; providers/index.ts makes the drivers.',
      severity: 'error',
      from: { pathNot: '^services/channel-connector/src/providers/' },
      to: { path: '^services/channel-connector/src/providers/[^/]+/' },
    },
    {
      name: 'drivers-never-import-each-other',
      severity: 'error',
      from: { path: '^services/channel-connector/src/providers/([^/]+)/' },
      to: {
        path: '^services/channel-connector/src/providers/[^/]+/',
        pathNot: '^services/channel-connector/src/providers/$1/',
      },
    },
    {
      name: 'production-never-imports-test-tools',
      comment: 'testkit and sandbox are for tests, benches and infra/local.',
      severity: 'error',
      from: { pathNot: [TEST_CODE, '^packages/(testkit|sandbox)/'] },
      to: { path: '^packages/(testkit|sandbox)/' },
    },
    {
      name: 'production-never-imports-tests',
      severity: 'error',
      from: { path: '^(packages|services)/', pathNot: [TEST_FILE, '^packages/testkit/'] },
      to: { path: String.raw`(^tests/|^bench/|/bench/|/test/|\.test\.ts$)` },
    },
    {
      name: 'benches-are-imported-by-benches-alone',
      severity: 'error',
      from: { pathNot: '^bench/' },
      to: { path: '^bench/' },
    },
    {
      name: 'unit-tests-import-little',
      comment:
        'The index of testkit loads drivers of all servers: a second of the unit level. Its parts have paths of their own.',
      severity: 'error',
      from: { path: '/src/.*[.]test[.]ts$' },
      to: { path: '^packages/(testkit|sandbox)/src/index[.]ts$' },
    },
    {
      name: 'rules-are-pure',
      comment: 'Decisions without clock, SQL or network: of packages they take types, contracts and dates alone.',
      severity: 'error',
      from: { path: String.raw`^services/.*/rules\.ts$` },
      to: {
        pathNot: ['^services/', '^packages/contracts/', '/(luxon|libphonenumber-js)/'],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'rules-stand-alone',
      comment: 'What rules need from their service, beside types, are other decisions and tables.',
      severity: 'error',
      from: { path: String.raw`^services/.*/rules\.ts$` },
      to: {
        path: String.raw`^services/.*/((store|routes|deps|app|start|main|config)\.ts|consumers/.*|.*client.*)$`,
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'stores-are-the-bottom',
      comment: 'routes → verb files → store.',
      severity: 'error',
      from: { path: String.raw`^services/.*/store\.ts$` },
      to: { path: String.raw`^services/.*/routes\.ts$` },
    },
    {
      name: 'no-circular',
      comment: 'A part that needs its user cannot be read, tested or moved alone. Imports of types count too.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'every-import-resolves',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    // TypeScript 7 has no JavaScript API; without another parser nothing would be read.
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^dist/|/dist/|/migrations/|^\\.data/)' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.mjs', '.js', '.json'],
    },
  },
};
