import { z } from 'zod';
import type { Issue, Language } from './language.ts';
import { portugueseNotifications } from './notifications-pt.ts';

const fallback = z.locales.ptBR().localeError;
const UNITS: Record<string, [one: string, many: string]> = {
  string: ['caractere', 'caracteres'],
  array: ['elemento', 'elementos'],
  set: ['elemento', 'elementos'],
};
const FORMATS: Record<string, string> = {
  email: 'O e-mail não é válido',
  datetime: 'Deve ser uma data e hora ISO 8601 em UTC',
  date: 'Deve ser uma data AAAA-MM-DD',
  url: 'A URL não é válida',
  regex: 'O formato não é válido',
  uuid: 'O identificador não é válido',
};
const TYPES: Record<string, string> = {
  string: 'Deve ser um texto',
  number: 'Deve ser um número',
  int: 'Deve ser um número inteiro',
  boolean: 'Deve ser verdadeiro ou falso',
  array: 'Deve ser uma lista',
  object: 'Deve ser um objeto',
  record: 'Deve ser um objeto',
};

function amount(origin: string, count: number | bigint): string {
  const unit = UNITS[origin];
  return unit ? `${count} ${Number(count) === 1 ? unit[0] : unit[1]}` : String(count);
}

function issueText(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      if ('input' in issue && issue.input === undefined) return 'Este campo é obrigatório';
      return TYPES[issue.expected] ?? text(fallback(issue));
    case 'too_small':
      // A service may say no more than the code.
      if (issue.minimum === undefined) return 'É pequeno demais';
      if (issue.origin === 'string' && issue.minimum === 1) return 'Não pode ficar vazio';
      if (UNITS[issue.origin]) return `Deve ter pelo menos ${amount(issue.origin, issue.minimum)}`;
      return `Deve ser maior ${issue.inclusive === false ? 'que' : 'ou igual a'} ${issue.minimum}`;
    case 'too_big':
      if (issue.maximum === undefined) return 'É grande demais';
      if (UNITS[issue.origin]) return `Deve ter no máximo ${amount(issue.origin, issue.maximum)}`;
      return `Deve ser menor ${issue.inclusive === false ? 'que' : 'ou igual a'} ${issue.maximum}`;
    case 'invalid_format':
      return FORMATS[issue.format] ?? text(fallback(issue));
    case 'invalid_value':
      return `Deve ser um de: ${issue.values.map(String).join(', ')}`;
    default:
      return text(fallback(issue));
  }
}

const text = (found: string | { message: string } | null | undefined) =>
  typeof found === 'string' ? found : (found?.message ?? 'Valor inválido');

/** Brazilian Portuguese, for inbox. */
export const portuguese: Language = {
  tag: 'pt-BR',
  errors: {
    malformed_json: 'O corpo da requisição não é um JSON válido',
    bad_request: 'A requisição não é válida',
    validation_failed: 'Os dados enviados não são válidos',
    unauthorized: 'Token inválido ou ausente',
    invalid_credentials: 'As credenciais não estão corretas',
    invalid_signature: 'A assinatura não é válida',
    token_expired: 'O token expirou',
    refresh_reused: 'O token de renovação já foi usado: entre novamente',
    two_factor_required: 'É necessário o segundo fator de autenticação',
    forbidden: 'Você não tem permissão para acessar este recurso',
    tenant_suspended: 'A conta da empresa está suspensa',
    email_unproved: 'Confirme seu e-mail para continuar: enviamos um código',
    registration_closed: 'O cadastro de novas empresas está fechado nesta instalação',
    plan_limit: 'Você atingiu o limite do seu plano atual',
    not_found: 'O recurso solicitado não foi encontrado',
    route_not_found: 'A rota solicitada não existe',
    method_not_allowed: 'Método não permitido para esta rota',
    conflict: 'O recurso já existe ou está em um estado que não permite a operação',
    idempotency_in_flight: 'Uma requisição com a mesma chave de idempotência está em andamento',
    payload_too_large: 'O corpo da requisição é grande demais',
    unsupported_media_type: 'Tipo de conteúdo não suportado: use application/json',
    unprocessable: 'A requisição não pode ser processada',
    idempotency_mismatch: 'A chave de idempotência já foi usada com outro conteúdo',
    outside_window: 'Passaram mais de 24 horas desde a última mensagem do cliente: só é possível enviar um template',
    channel_not_connected: 'O número de WhatsApp não está conectado',
    too_many_requests: 'Muitas requisições. Tente novamente mais tarde',
    internal: 'Erro interno do servidor',
    bad_gateway: 'Um serviço externo não respondeu corretamente',
    unavailable: 'Serviço temporariamente indisponível. Tente novamente em alguns segundos',
  },
  notFound: {
    conversation: 'Conversa não encontrada',
    channel: 'Número de WhatsApp não encontrado',
    message: 'Mensagem não encontrada',
    contact: 'Contato não encontrado',
    group: 'Grupo não encontrado',
    user: 'Usuário não encontrado',
    tenant: 'Empresa não encontrada',
    role: 'Função não encontrada',
    api_key: 'Chave de API não encontrada',
    notification: 'Notificação não encontrada',
    event: 'O evento não existe',
  },
  conflict: {
    contact: 'Já existe um contato com este telefone',
    conversation: 'A conversa está encerrada',
    user: 'Já existe uma conta com este e-mail',
    tenant: 'Já existe uma empresa com esse identificador',
    channel: 'Este número de WhatsApp já está cadastrado',
    role: 'Já existe uma função com esse nome, ou ainda há usuários com ela',
    built_in_role: 'As funções predefinidas não podem ser alteradas nem removidas',
    last_admin: 'Deve restar pelo menos um administrador ativo',
    two_factor: 'A autenticação de dois fatores já está ativada',
    api_key: 'O máximo de chaves de API ativas foi atingido',
  },
  issue: issueText,
  messages: {
    'Invalid time': 'A data não é válida',
    'Invalid UUID': 'O identificador não é válido',
    'Not a cursor of this list': 'Não é um cursor desta lista',
    'Not a phone number': 'O número de telefone não é válido',
    'Invalid phone number': 'O número de telefone não é válido',
    'Invalid slug': 'Só pode conter letras minúsculas, números e hífens',
    'Invalid code': 'O código deve ter seis dígitos, ou ser um código de reserva',
    'Expected HH:MM': 'Deve ter o formato HH:MM',
  },
  unknownField: 'Campo desconhecido',
  invalid: 'O valor não é válido',
  codes: {
    phone: 'O número de telefone não é válido',
    phone_country: 'Não é um número válido no país da organização; escreva os de outro país com + e o código dele',
    model: 'Este modelo não está disponível nesta instalação',
    timezone: 'O fuso horário não existe',
    country: 'O país não existe: use o código ISO de duas letras',
    url: 'A URL não é permitida',
    common_password: 'A senha é comum demais: escolha outra',
    invitation: 'O convite não vale para este e-mail, já foi usado ou expirou',
    email_proof: 'O código ou o link não está correto, ou expirou',
    required: 'Este campo é obrigatório',
    unknown: 'Campo desconhecido',
    nul: 'Não pode conter o caractere nulo',
    ill_formed: 'Contém caracteres que não são Unicode válido',
    wrong_password: 'A senha não está correta',
    wrong_code: 'O código não está correto',
    too_deep: 'Tem níveis demais',
    phone_taken: 'Já existe um contato com este telefone',
    unknown_contact: 'Contato não encontrado',
    unknown_group: 'Grupo não encontrado',
  },
  notifications: portugueseNotifications,
};
