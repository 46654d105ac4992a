import type { FailureTexts } from './failures.ts';

const WAIT = 'Aguarde alguns minutos e envie novamente';
const TOKEN = 'Peça a um administrador que renove o token de acesso do número';
const SUPPORT = 'Verifique o estado da conta no gerenciador do WhatsApp da Meta';
const TEMPLATE = 'Corrija os valores do template e envie novamente';
const MESSAGE = 'Corrija a mensagem e envie novamente';

/** Why a message failed, and what to do about it. */
export const portugueseFailures: FailureTexts = {
  0: { message: 'O token de acesso não é válido', hint: TOKEN },
  1: { message: 'O WhatsApp teve um problema desconhecido', hint: WAIT },
  2: { message: 'O WhatsApp está temporariamente indisponível', hint: WAIT },
  3: { message: 'O token de acesso não permite esta operação', hint: TOKEN },
  4: { message: 'O aplicativo atingiu o limite de chamadas', hint: WAIT },
  10: { message: 'Falta uma permissão ao aplicativo', hint: 'Peça a um administrador que dê a permissão na Meta' },
  100: { message: 'O WhatsApp não aceitou a mensagem', hint: MESSAGE },
  190: { message: 'O token de acesso não é válido ou expirou', hint: TOKEN },
  368: { message: 'A conta está bloqueada por violar as políticas do WhatsApp', hint: SUPPORT },
  80007: { message: 'A conta atingiu o limite de envios', hint: WAIT },
  130429: { message: 'O número atingiu o limite de envios por segundo', hint: WAIT },
  130472: {
    message: 'O cliente participa de um experimento do WhatsApp e não recebe esta mensagem',
    hint: 'Fale com o cliente por outro meio, ou aguarde que ele escreva',
  },
  130497: {
    message: 'A empresa não pode escrever a clientes deste país',
    hint: 'Fale com o cliente por outro meio',
  },
  131000: { message: 'O WhatsApp teve um problema desconhecido', hint: WAIT },
  131005: { message: 'Falta uma permissão ao token de acesso', hint: TOKEN },
  131008: { message: 'Falta uma parte obrigatória da mensagem', hint: MESSAGE },
  131009: { message: 'Uma parte da mensagem não é válida', hint: MESSAGE },
  131016: { message: 'O WhatsApp está temporariamente indisponível', hint: WAIT },
  131020: { message: 'Não há mais ninguém no grupo', hint: 'Escreva quando alguém tiver entrado no grupo' },
  131021: { message: 'O número não pode escrever a si mesmo', hint: 'Escolha outro destinatário' },
  131026: {
    message:
      'A mensagem não pode ser entregue: o cliente não usa o WhatsApp, bloqueou o número ou tem uma versão antiga',
    hint: 'Verifique o número do cliente, ou fale com ele por outro meio',
  },
  131030: {
    message: 'O cliente não está entre os destinatários do número de teste',
    hint: 'Adicione-o à lista do número de teste na Meta',
  },
  131031: { message: 'A conta do WhatsApp da empresa está bloqueada', hint: SUPPORT },
  131037: {
    message: 'O nome de exibição do número ainda não foi aprovado',
    hint: 'Aguarde a aprovação da Meta, ou mude o nome de exibição',
  },
  131041: { message: 'O grupo não existe ou o número não está nele', hint: 'Entre novamente no grupo com o número' },
  131042: {
    message: 'A conta da empresa tem um problema de pagamento',
    hint: 'Verifique a forma de pagamento no gerenciador do WhatsApp da Meta',
  },
  131045: {
    message: 'O número não está registrado corretamente no WhatsApp',
    hint: 'Peça a um administrador que registre o número novamente',
  },
  131047: {
    message: 'Passaram mais de 24 horas desde a última mensagem do cliente',
    hint: 'Envie um template',
  },
  131048: {
    message: 'O número está restrito porque vários clientes o denunciaram',
    hint: 'Pare de enviar por algumas horas e verifique a qualidade do número na Meta',
  },
  131049: {
    message: 'O WhatsApp retém por enquanto as mensagens de marketing para este cliente',
    hint: 'Envie novamente depois de 24 horas',
  },
  131050: {
    message: 'O cliente não quer receber mensagens de marketing da empresa',
    hint: 'Não envie marketing a ele; aguarde que ele escreva',
  },
  131051: { message: 'O WhatsApp não aceita este tipo de mensagem', hint: 'Envie como outro tipo de mensagem' },
  131052: { message: 'O arquivo não pôde ser baixado', hint: 'Envie o arquivo novamente' },
  131053: { message: 'O arquivo não pôde ser enviado', hint: 'Verifique o formato e o tamanho do arquivo' },
  131056: { message: 'Muitas mensagens foram enviadas a este cliente em pouco tempo', hint: WAIT },
  131057: { message: 'A conta está em manutenção', hint: WAIT },
  131062: { message: 'A mensagem não pode ser enviada a este cliente', hint: 'Fale com o cliente por outro meio' },
  131064: {
    message: 'O número está restrito por causa da sua qualidade',
    hint: 'Pare de enviar por algumas horas e verifique a qualidade do número na Meta',
  },
  132000: { message: 'O template espera outra quantidade de valores', hint: TEMPLATE },
  132001: {
    message: 'O template não existe neste idioma ou não está aprovado',
    hint: 'Verifique o nome, o idioma e o estado do template',
  },
  132005: { message: 'O texto do template com os valores é longo demais', hint: TEMPLATE },
  132007: { message: 'O template viola uma regra do WhatsApp', hint: 'Mude o template e aguarde a aprovação' },
  132008: { message: 'Um valor do template não é válido', hint: TEMPLATE },
  132012: { message: 'Um valor do template não tem o formato correto', hint: TEMPLATE },
  132015: {
    message: 'O template está pausado por causa da sua qualidade',
    hint: 'Use outro template, ou melhore este',
  },
  132016: { message: 'O template está desativado por causa da sua qualidade', hint: 'Use outro template' },
  132068: { message: 'O formulário está bloqueado', hint: 'Corrija o formulário na Meta' },
  132069: { message: 'O formulário atingiu o limite de envios', hint: WAIT },
  133010: {
    message: 'O número não está registrado no WhatsApp',
    hint: 'Peça a um administrador que registre o número',
  },
  133015: { message: 'O número foi excluído há um momento', hint: WAIT },
  133016: {
    message: 'O número foi registrado muitas vezes',
    hint: 'Aguarde 72 horas antes de registrá-lo novamente',
  },
  135000: { message: 'O WhatsApp recusou a mensagem sem dizer a causa', hint: MESSAGE },
  bad_key: {
    message: 'A chave do servidor de WhatsApp não é válida',
    hint: 'Peça a um administrador que verifique a chave do número',
  },
  bad_request: { message: 'O servidor de WhatsApp não aceitou a mensagem', hint: MESSAGE },
  bad_token: {
    message: 'O token da sessão de WhatsApp não é válido',
    hint: 'Peça a um administrador que verifique a chave do número',
  },
  connection_closed: {
    message: 'O telefone não está conectado ao servidor de WhatsApp',
    hint: 'Ligue o telefone e conecte o número novamente',
  },
  delivery_error: {
    message: 'O WhatsApp não pôde entregar a mensagem',
    hint: 'Verifique o número do cliente, ou fale com ele por outro meio',
  },
  group_not_found: {
    message: 'O grupo não existe ou o telefone não está nele',
    hint: 'Entre novamente no grupo com o telefone',
  },
  instance_not_found: {
    message: 'O servidor de WhatsApp não tem esta instância',
    hint: 'Conecte o número novamente',
  },
  number_not_on_whatsapp: { message: 'O número não tem WhatsApp', hint: 'Verifique o número do cliente' },
  session_closed: {
    message: 'A sessão de WhatsApp está fechada',
    hint: 'Ligue o telefone e conecte o número novamente',
  },
  channel_not_found: { message: 'O número não está mais conectado', hint: 'Conecte o número novamente' },
  channel_not_connected: {
    message: 'O número não está conectado ou não pode enviar por enquanto',
    hint: 'Verifique o estado do número e conecte-o novamente',
  },
  daily_limit: {
    message: 'O número atingiu o limite de mensagens do dia',
    hint: 'Envie novamente amanhã, ou aumente o limite do número',
  },
  contact_erased: { message: 'O contato foi excluído antes do envio', hint: 'Não pode ser enviada' },
  file_gone: { message: 'O arquivo foi excluído antes do envio', hint: 'Envie o arquivo novamente' },
  expired: {
    message: 'A mensagem esperou demais e não foi enviada',
    hint: 'Envie novamente se ainda for necessário',
  },
  http: { message: 'O WhatsApp não aceitou a solicitação', hint: WAIT },
  messaging_limit: {
    message: 'O número atingiu seu limite de clientes a quem pode escrever primeiro em 24 horas',
    hint: 'Espere o cliente escrever, ou envie novamente depois de 24 horas',
  },
  no_recipient: {
    message: 'O cliente não tem um endereço para o qual escrever',
    hint: 'Adicione um número ao contato',
  },
  paced: {
    message: 'O WhatsApp aceita poucas mensagens seguidas ao mesmo cliente: esta espera a sua vez',
    hint: WAIT,
  },
  unreachable: { message: 'Não foi possível contatar o WhatsApp', hint: WAIT },
  unavailable: { message: 'O número não pôde ser lido', hint: WAIT },
  uncertain: {
    message: 'O WhatsApp não confirmou esta mensagem: ela pode ter sido entregue ou não. Não foi enviada de novo',
    hint: 'Pergunte ao cliente se a recebeu antes de enviar novamente',
  },
  unknown: { message: 'O WhatsApp não informou a causa', hint: WAIT },
  unsupported_type: {
    message: 'O provedor do número não envia este tipo de mensagem',
    hint: 'Envie como texto, ou de outro número',
  },
};
