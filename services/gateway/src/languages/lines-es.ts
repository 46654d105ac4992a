import type { LineWords } from '@recado/contracts';

export const spanishLines: LineWords = {
  image: 'Imagen',
  video: 'Video',
  audio: 'Audio',
  voice: 'Mensaje de voz',
  document: 'Documento',
  sticker: 'Sticker',
  location: 'Ubicación',
  contacts: 'Contacto',
  order: (count) => (count === null ? 'Pedido' : `Pedido de ${count} ${count === 1 ? 'producto' : 'productos'}`),
  reactionRemoved: 'Reacción eliminada',
  choice: 'Respuesta',
  form: 'Formulario respondido',
  callsAllowed: 'El cliente permite llamadas',
  callsRefused: 'El cliente no permite llamadas',
  template: 'Plantilla',
  system: 'Aviso de WhatsApp',
  welcome: 'El cliente abrió el chat por primera vez',
  deleted: 'Mensaje eliminado',
  unsupported: 'Mensaje no compatible',
};
