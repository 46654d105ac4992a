import type { FastifyReply } from 'fastify';

/**
 * Cuts the connection with a TCP reset, so that the caller sees neither an answer nor an orderly
 * end.
 */
export function reset(reply: FastifyReply): FastifyReply {
  reply.hijack();
  reply.raw.socket?.resetAndDestroy();
  return reply;
}

/** Leaves the caller waiting until its own deadline, or until the sandbox stops. */
export function hang(reply: FastifyReply): FastifyReply {
  reply.hijack();
  return reply;
}
