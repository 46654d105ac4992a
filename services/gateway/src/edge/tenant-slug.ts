import { Forbidden } from '@recado/service-kit';
import type { FastifyRequest } from 'fastify';
import type { GatewayDeps } from '../deps.ts';
import type { AnyEditionRoute, CallContext, Edition } from './edition.ts';
import { refuseField } from './validation.ts';

/** As inbox.md spells it. */
export const TENANT_SLUG_HEADER = 'X-Tenant-Slug';

/** Whether a route demands the header. */
export const wantsTenantSlug = ({ tenantSlugBelow }: Edition, { auth, path }: Pick<AnyEditionRoute, 'auth' | 'path'>) =>
  tenantSlugBelow !== undefined && auth === 'bearer' && path.startsWith(`${tenantSlugBelow}/`);

/**
 * The token names the tenant, and the header must agree with it. So a frontend that mixed up two
 * companies fails before it writes. Unknown and foreign slugs get the same answer.
 * @throws InvalidRequest without one, Forbidden when it is not the bearer's
 */
export async function checkTenantSlug(
  edition: Edition,
  request: FastifyRequest,
  call: CallContext,
  deps: GatewayDeps,
): Promise<void> {
  const given = request.headers[TENANT_SLUG_HEADER.toLowerCase()];
  if (typeof given !== 'string' || given.trim() === '') {
    refuseField(TENANT_SLUG_HEADER, edition.texts.fields.required);
  }
  const { slug } = await deps.directory.tenant(call);
  if (given.trim().toLowerCase() !== slug) throw new Forbidden('Not the slug of the bearer’s tenant');
}
