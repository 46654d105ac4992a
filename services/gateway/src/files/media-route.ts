import { Forbidden, NotFound, serviceCaller } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import type { GatewayDeps } from '../deps.ts';
import { MEDIA_PATH } from './links.ts';
import { sendFile } from './send-file.ts';

/** Files by signed links. Their pages are of any origin; the link is the permission. */
export function mountMedia(scope: FastifyInstance, { files, mediaLinks }: GatewayDeps): void {
  scope.get<{ Params: { token: string; name: string } }>(`${MEDIA_PATH}/:token/:name`, async (request, reply) => {
    const linked = mediaLinks.read(request.params.token);
    if (!linked) throw new NotFound('file');
    if (linked.expired) throw new Forbidden('The link has expired');
    const { tenantId, fileId, variant } = linked;
    reply.header('cache-control', 'private, max-age=3600').header('cross-origin-resource-policy', 'cross-origin');
    return sendFile(files, { fileId, variant, as: 'inline' }, serviceCaller('gateway', tenantId), request, reply);
  });
}
