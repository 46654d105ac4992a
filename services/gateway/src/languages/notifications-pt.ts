import { because, inBrackets, type NotificationTexts, quoted } from './notifications.ts';

export const portugueseNotifications: NotificationTexts = {
  'channel.lost': ({ name, phone }) => ({
    title: 'WhatsApp desconectado',
    message: `O número${quoted(name)}${inBrackets(phone)} perdeu a conexão com o WhatsApp`,
  }),
  'channel.restored': ({ name, phone }) => ({
    title: 'WhatsApp conectado',
    message: `O número${quoted(name)}${inBrackets(phone)} voltou a se conectar`,
  }),
  'channel.limited': ({ name, phone }) => ({
    title: 'Limite de mensagens recebidas',
    message: `O número${quoted(name)}${inBrackets(phone)} recebe mais do que o plano permite; o restante chegará mais tarde`,
  }),
  'webhook.disabled': ({ name, reason }) => ({
    title: 'Webhook desativado',
    message: `O webhook${quoted(name)} foi desativado: ${reason === 'gone' ? 'seu servidor respondeu 410' : 'todos os envios falharam durante 5 dias'}`,
  }),
  'template.rejected': ({ name, language, reason }) => ({
    title: 'Template rejeitado',
    message: `O WhatsApp rejeitou o template${quoted(name)}${inBrackets(language)}${because(reason)}`,
  }),
  'template.paused': ({ name, language, status, reason }) => ({
    title: status === 'disabled' ? 'Template desativado' : 'Template pausado',
    message: `O WhatsApp ${status === 'disabled' ? 'desativou' : 'pausou'} o template${quoted(name)}${inBrackets(language)}${because(reason)}`,
  }),
  'template.category': ({ name, language, from, to, done }) => ({
    title: 'Mudança de categoria',
    message: `O WhatsApp ${done ? 'mudou' : 'mudará'} a categoria do template${quoted(name)}${inBrackets(language)}${fromTo(from, to)}. O preço pode ser outro`,
  }),
  'channel.alerted': ({ name, phone, code, text }) => ({
    title: 'Aviso do WhatsApp',
    message: `O WhatsApp avisa sobre o número${quoted(name)}${inBrackets(phone)}${says(text ?? code)}`,
  }),
  'conversation.assigned': ({ contactName }) => ({
    title: 'Nova conversa atribuída',
    message: contactName ? `A conversa com ${contactName} foi atribuída a você` : 'Uma conversa foi atribuída a você',
  }),
  'sla.warned': ({ contactName, target }) => ({
    title: 'Prazo perto de vencer',
    message: `O prazo${targetOf(target)} da conversa${withWhom(contactName)} vence em breve`,
  }),
  'sla.breached': ({ contactName, target }) => ({
    title: 'Prazo vencido',
    message: `O prazo${targetOf(target)} da conversa${withWhom(contactName)} venceu`,
  }),
  'broadcast.finished': ({ name, sent, total }) => ({
    title: 'Envio concluído',
    message: `O envio${quoted(name)} terminou${amount(sent, total)}`,
  }),
  'broadcast.failed': ({ name, sent, total }) => ({
    title: 'Envio com falha',
    message: `O envio${quoted(name)} não pôde ser concluído${amount(sent, total)}`,
  }),
  'note.mentioned': ({ contactName }) => ({
    title: 'Mencionaram você',
    message: `Mencionaram você em uma nota da conversa${withWhom(contactName)}`,
  }),
  'scheduled-message.failed': ({ contactName }) => ({
    title: 'Mensagem agendada não enviada',
    message: `A mensagem agendada não foi enviada${withWhom(contactName)}`,
  }),
  'task.reminder': ({ title }) => ({
    title: 'Lembrete de tarefa',
    message: `Lembre-se da tarefa${quoted(title)}`,
  }),
  'task.due': ({ title }) => ({
    title: 'Tarefa vencida',
    message: `A tarefa${quoted(title)} venceu e não está concluída`,
  }),
  'backup.finished': () => ({ title: 'Backup concluído', message: 'O backup está pronto para download' }),
  'import.finished': ({ fileName, imported, total, invalid }) => ({
    title: 'Importação concluída',
    message: `O arquivo${quoted(fileName)} foi importado${rows(imported, total)}${invalid ? `, ${invalid} com erros` : ''}`,
  }),
  'import.failed': ({ fileName }) => ({
    title: 'Importação com falha',
    message: `O arquivo${quoted(fileName)} não pôde ser importado por completo`,
  }),
  'backup.failed': () => ({ title: 'Backup com falha', message: 'O backup não pôde ser concluído' }),
};

const TARGETS: Record<string, string> = {
  first_response: ' da primeira resposta',
  next_response: ' de resposta',
  resolution: ' de resolução',
};
const targetOf = (target: string | number | null | undefined): string => TARGETS[String(target)] ?? '';
const withWhom = (name: string | number | null | undefined): string => (name ? ` com ${name}` : '');

const amount = (sent: string | number | null | undefined, total: string | number | null | undefined): string =>
  sent === null || sent === undefined || total === null || total === undefined
    ? ''
    : `: ${sent} de ${total} mensagens enviadas`;

const rows = (imported: string | number | null | undefined, total: string | number | null | undefined): string =>
  imported === null || imported === undefined || total === null || total === undefined
    ? ''
    : `: ${imported} de ${total} linhas`;

const CATEGORIES: Record<string, string> = {
  marketing: 'marketing',
  utility: 'utilidade',
  authentication: 'autenticação',
};
const category = (value: string | number | null | undefined): string => CATEGORIES[String(value)] ?? String(value);
const fromTo = (from: string | number | null | undefined, to: string | number | null | undefined): string =>
  from && to ? `: ${category(from)} → ${category(to)}` : '';

const says = (words: string | number | null | undefined): string => (words ? `: ${words}` : '');
