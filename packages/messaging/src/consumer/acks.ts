import type { Context } from './context.ts';
import type { Held } from './delivery.ts';

/** Handled, or put aside: the server forgets it. */
export const ack = (context: Context, held: Held) => settle(context, held, '+ACK');

/** Not begun here: another copy may have it now. */
export const giveBack = (context: Context, held: Held) => settle(context, held, '-NAK');

/** The server delivers it again after so many milliseconds. */
export const giveBackFor = (context: Context, held: Held, ms: number) =>
  settle(context, held, `-NAK {"delay":${Math.round(ms)}000000}`);

/** Asks the server for more time. */
export const stillWorking = (context: Context, held: Held) => reply(context, held, '+WPI');

function settle(context: Context, held: Held, text: string): void {
  if (held.settled) return;
  held.settled = true;
  reply(context, held, text);
}

/**
 * An ack names a sequence and nothing else. A durable made anew after its stream was lost would
 * take it for another event. So it is left out when in doubt: the server delivers again.
 */
function reply({ bus, generation }: Context, held: Held, text: string): void {
  if (bus.connected() && generation() === held.generation) bus.nc.publish(held.message.reply, text);
}
