import { z } from 'zod';
import { PLAN_NAMES } from '../../plans.ts';
import { edition, email, invitationCode, isoTime, password, proofCode, slug, text } from '../../primitives.ts';
import { route } from '../../route.ts';
import { client, ok } from './common.ts';
import { session } from './sessions.ts';

export const registrationRoutes = {
  register: route({
    method: 'POST',
    path: '/registrations',
    access: 'anyone',
    once: { none: 'there is no tenant yet; a taken e-mail answers 409' },
    body: z.strictObject({
      edition: edition(),
      tenantName: text(120),
      tenantSlug: slug().optional(),
      tenantEmail: email().optional().describe("The company's own address (bots)"),
      plan: z.enum(PLAN_NAMES).optional().describe("The installation's default else"),
      email: email(),
      password: password(),
      name: text(120).optional().describe('Full name, split at the first space; or firstName and lastName'),
      firstName: text(80).optional(),
      lastName: z.string().trim().max(80).optional(),
      invitation: invitationCode()
        .optional()
        .describe('Code of the operator; needed where registration is by invitation'),
      ...client,
    }),
    responses: { 201: session },
    audit: 'tenant.create',
    live: { none: 'made by who has no account yet' },
    summary:
      'Make a tenant and its first user, an admin; taken e-mail or slug: 409 with entity user or tenant; a wrong invitation: 422; closed: 403 registration_closed',
  }),
  proveEmail: route({
    method: 'POST',
    path: '/registrations/proof',
    access: 'anyone',
    once: { none: 'a code or token works once; a repeat changes nothing' },
    unproved: true,
    body: z.strictObject({
      token: z.string().min(1).max(128).optional().describe('Of the link in the mail; needs no session'),
      code: proofCode().optional().describe('Of the mail, by a person of the company, who is logged in'),
    }),
    responses: ok,
    audit: 'tenant.prove',
    live: { none: 'the token or code decides, and gives what its holder may have anyway' },
    summary:
      'Prove the e-mail of a registration by its token or code; wrong: 422; too many wrong codes: 429; another company proved the address first: 409 with entity user',
  }),
  resendProof: route({
    method: 'POST',
    path: '/registrations/proof/mails',
    access: 'anyone',
    once: { none: 'limited: one mail a minute' },
    unproved: true,
    responses: ok,
    audit: { none: 'changes nothing but the mail that is sent' },
    summary:
      'Send the mail that proves the e-mail again, with a new code; too often: 429; proved already: nothing is sent',
  }),
  createInvitation: route({
    method: 'POST',
    path: '/invitations',
    access: 'service',
    callers: ['operator'],
    once: { none: 'answers a secret; every call makes another code' },
    body: z.strictObject({ email: email(), days: z.number().int().min(1).max(90).default(7) }),
    responses: {
      201: z.object({ invitation: z.string().describe('Shown this once'), email: z.string(), expiresAt: isoTime() }),
    },
    audit: { none: 'no tenant exists yet; its audit log begins with tenant.create' },
    summary: 'A code that lets one e-mail register once, for the operator: takes a service caller',
  }),
};
