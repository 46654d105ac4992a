import { editionRoute } from '../../../edge/edition.ts';
import { createUserBody, user } from '../schemas/users.ts';
import { userView } from '../views.ts';

export const userRoutes = [
  editionRoute({
    method: 'POST',
    path: '/users',
    tag: 'Users',
    summary: 'Crear usuario',
    auth: 'bearer',
    permission: 'users.create',
    fields: { role: 'role_id', autoAssign: 'auto_assign_enabled' },
    body: createUserBody,
    responses: { 201: user },
    handle: async ({ body, deps, call }) => {
      const created = await deps.clients.identity.createUser(
        {
          body: {
            email: body.email,
            password: body.password,
            firstName: body.first_name,
            lastName: body.last_name,
            phone: body.phone,
            role: body.role_id,
            status: body.status,
            maxConcurrentChats: body.max_concurrent_chats,
            autoAssign: body.auto_assign_enabled,
          },
        },
        call,
      );
      return userView(created);
    },
  }),
];
