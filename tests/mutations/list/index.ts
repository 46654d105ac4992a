import type { Mutation } from '../mutation.ts';
import { accounts } from './accounts.ts';
import { edge } from './edge.ts';
import { found } from './found.ts';
import { messages } from './messages.ts';
import { tenancy } from './tenancy.ts';

/** Every guarantee that `npm run test:mutations` breaks. */
export const MUTATIONS: Mutation[] = [...tenancy, ...edge, ...accounts, ...messages, ...found];
