import { parseArgs } from 'node:util';
import { PLAN_NAMES, type PlanName, type Tenant } from '@recado/contracts';
import { AppError } from '@recado/service-kit';
import { findIdentity } from './operator-identity.ts';

const HELP = `The companies of this installation, for its operator.

  npm run tenants -- list [SEARCH] [--json]      by name or slug
  npm run tenants -- plan SLUG PLAN              ${PLAN_NAMES.join(', ')}
  npm run tenants -- suspend SLUG                ends every session; no user logs in until it is active again
  npm run tenants -- activate SLUG
  npm run tenants -- invite --email EMAIL [--days 7]   a code with which EMAIL may register once (RECADO_REGISTRATION=invite)

Asks identity at RECADO_IDENTITY_URL with RECADO_INTERNAL_KEY (the operator's) and RECADO_INTERNAL_PUBLIC_KEYS, else
the npm start that runs here.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    email: { type: 'string' },
    days: { type: 'string', default: '7' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

const [command, name, plan, ...more] = positionals;
const problem = findProblem();
if (values.help || problem) {
  console.error(values.help ? HELP : `${problem}\n\n${HELP}`);
  process.exit(values.help ? 0 : 2);
}

function findProblem(): string | null {
  const wanted = { list: name ? 2 : 1, plan: 3, suspend: 2, activate: 2, invite: 1 }[command ?? ''];
  if (wanted === undefined) return 'Say list, plan, suspend, activate or invite.';
  if (command === 'invite' && !values.email) return 'Say --email.';
  if (!(Number(values.days) >= 1 && Number(values.days) <= 90)) return 'Say 1 to 90 days.';
  if (command === 'plan' && plan !== undefined && !isPlan(plan)) return `No plan is called ${plan}.`;
  if (positionals.length < wanted) return command === 'plan' ? 'Say which slug and which plan.' : 'Say which slug.';
  return positionals.length > wanted || more.length > 0 ? 'That is too much.' : null;
}

function isPlan(text: string): text is PlanName {
  return (PLAN_NAMES as readonly string[]).includes(text);
}

const found = findIdentity();
if (!found) {
  console.error('No mesh runs here. Start it (npm start) or set RECADO_IDENTITY_URL and RECADO_INTERNAL_KEY.');
  process.exit(1);
}
const { client: identity, context, search, getBySlug } = found;

const line = ({ slug, name, plan, status, createdAt, id }: Tenant): string =>
  `${createdAt.slice(0, 10)}  ${slug.padEnd(24)}  ${plan.padEnd(10)}  ${status.padEnd(9)}  ${id}  ${name}`;

try {
  if (command === 'list') {
    let total = 0;
    for await (const one of search(name)) {
      total++;
      console.log(values.json ? JSON.stringify(one) : line(one));
    }
    if (!values.json) console.log(total === 0 ? 'No tenants.' : `${total} in all.`);
  } else if (command === 'invite') {
    const body = { email: values.email as string, days: Math.trunc(Number(values.days)) };
    const made = await identity.createInvitation({ body }, context);
    console.log(values.json ? JSON.stringify(made) : `${made.invitation}  ${made.email}  until ${made.expiresAt}`);
  } else {
    const { id } = await getBySlug(name as string);
    const body =
      command === 'plan'
        ? { plan: plan as PlanName }
        : { status: command === 'suspend' ? ('suspended' as const) : ('active' as const) };
    const after = await identity.setTenantStatus({ params: { tenantId: id }, body }, context);
    console.log(values.json ? JSON.stringify(after) : line(after));
  }
} catch (error) {
  const away = error instanceof AppError && error.code === 'unavailable';
  console.error(away ? `Identity does not answer at ${found.baseUrl}.` : (error as Error).message);
  process.exitCode = 1;
} finally {
  await identity.close();
}
// A reader that has seen enough (`| head`) is no error.
process.stdout.on('error', () => process.exit(0));
