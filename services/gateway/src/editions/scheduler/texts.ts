import { spanish } from '../../languages/es.ts';

/** Spanish. scheduler.md shows no sentences of its own. */
export const texts = spanish;

/** What a success says. */
export const SUCCESS = {
  loggedOut: 'Sesión cerrada exitosamente',
} as const;

export const INVALID_FRAME = 'El mensaje no es válido';
