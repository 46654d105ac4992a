import { editionRoute } from '../../../edge/edition.ts';
import { done } from '../common/schemas.ts';
import { SUCCESS } from '../texts.ts';
import { changePasswordBody, confirmBody, loginBody, me, registerBody, session } from './schemas.ts';
import { meView, sessionView } from './views.ts';

export const authRoutes = [
  editionRoute({
    method: 'POST',
    path: '/auth/login',
    tag: 'Autenticação',
    summary: 'Login de usuário',
    description: 'Com o segundo fator ativado e sem `code`: 401 com `challengeToken`. Repete-se com `code`.',
    auth: 'none',
    device: true,
    body: loginBody,
    responses: { 200: session },
    handle: async ({ body, deps, call, client }) =>
      sessionView(await deps.clients.identity.login({ body: { edition: 'inbox', ...body, ...client } }, call)),
  }),
  editionRoute({
    method: 'POST',
    path: '/auth/register',
    tag: 'Autenticação',
    summary: 'Registro de novo tenant e primeiro usuário (admin)',
    auth: 'none',
    device: true,
    fields: { name: 'userName', firstName: 'userName', lastName: 'userName' },
    body: registerBody,
    responses: { 201: session },
    handle: async ({ body: { userName: name, ...body }, deps, call, client }) =>
      sessionView(await deps.clients.identity.register({ body: { edition: 'inbox', name, ...body, ...client } }, call)),
  }),
  editionRoute({
    method: 'POST',
    path: '/auth/confirm-email',
    tag: 'Autenticação',
    summary: 'Confirmar o e-mail de um cadastro',
    description: 'Com o `token` do link, ou com o `code` do e-mail e a sessão iniciada. Até lá a empresa só pode ler.',
    auth: 'optional',
    unproved: true,
    person: true,
    idempotent: false,
    userLimit: { name: 'confirm-email', perMinute: 20 },
    body: confirmBody,
    responses: { 200: done },
    handle: async ({ body, deps, call }) => {
      await deps.clients.identity.proveEmail({ body }, call);
      return { message: SUCCESS.emailConfirmed };
    },
  }),
  editionRoute({
    method: 'POST',
    path: '/auth/confirm-email/resend',
    tag: 'Autenticação',
    summary: 'Enviar de novo o e-mail de confirmação',
    description: 'Um e-mail por minuto e cinco por dia; o código anterior deixa de valer.',
    auth: 'bearer',
    person: true,
    unproved: true,
    idempotent: false,
    userLimit: { name: 'confirm-email', perMinute: 20 },
    responses: { 200: done },
    handle: async ({ deps, call }) => {
      await deps.clients.identity.resendProof({}, call);
      return { message: SUCCESS.confirmationSent };
    },
  }),
  editionRoute({
    method: 'GET',
    path: '/auth/me',
    tag: 'Autenticação',
    summary: 'Usuário atual',
    auth: 'bearer',
    person: true,
    responses: { 200: me },
    handle: async ({ deps, call }) => {
      const { user, tenant } = await deps.clients.identity.getMe({}, call);
      return meView(user, tenant);
    },
  }),
  editionRoute({
    method: 'POST',
    path: '/auth/logout',
    tag: 'Autenticação',
    summary: 'Logout',
    description: 'O token deixa de valer na hora, em todas as edições.',
    auth: 'bearer',
    unproved: true,
    person: true,
    idempotent: false,
    responses: { 200: done },
    handle: async ({ deps, call }) => {
      await deps.clients.identity.logout({}, call);
      return { message: SUCCESS.loggedOut };
    },
  }),
  editionRoute({
    method: 'PUT',
    path: '/auth/change-password',
    tag: 'Autenticação',
    summary: 'Alterar senha',
    description: 'Encerra todas as sessões do usuário, também esta.',
    auth: 'bearer',
    unproved: true,
    person: true,
    fields: { password: 'newPassword' },
    body: changePasswordBody,
    responses: { 200: done },
    handle: async ({ body, deps, call }) => {
      await deps.clients.identity.changePassword({ body }, call);
      return { message: SUCCESS.passwordChanged };
    },
  }),
];
