import type { LineWords } from '@recado/contracts';

export const portugueseLines: LineWords = {
  image: 'Imagem',
  video: 'Vídeo',
  audio: 'Áudio',
  voice: 'Mensagem de voz',
  document: 'Documento',
  sticker: 'Figurinha',
  location: 'Localização',
  contacts: 'Contato',
  order: (count) => (count === null ? 'Pedido' : `Pedido de ${count} ${count === 1 ? 'produto' : 'produtos'}`),
  reactionRemoved: 'Reação removida',
  choice: 'Resposta',
  form: 'Formulário respondido',
  callsAllowed: 'O cliente permite chamadas',
  callsRefused: 'O cliente não permite chamadas',
  template: 'Template',
  system: 'Aviso do WhatsApp',
  welcome: 'O cliente abriu a conversa pela primeira vez',
  deleted: 'Mensagem apagada',
  unsupported: 'Mensagem não compatível',
};
