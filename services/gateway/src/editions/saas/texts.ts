import { spanish } from '../../languages/es.ts';
import { withWords } from '../../languages/language.ts';

/** Spanish, with the sentences of saas.md's example of an error. */
export const texts = withWords(spanish, {
  errors: { validation_failed: 'Validation failed' },
  fields: { email: 'Email inválido' },
});

/** What a success says. saas.md has some in English and some in Spanish. */
export const SUCCESS = {
  registered: 'Registration successful',
  emailConfirmed: 'Email confirmed successfully',
  confirmationSent: 'Confirmation email sent',
  loggedIn: 'Login successful',
  refreshed: 'Token refreshed successfully',
  profile: 'Profile retrieved successfully',
  loggedOut: 'Logout successful',
  passwordChanged: 'Password changed successfully',
  tenant: 'Tenant retrieved successfully',
  tenantUpdated: 'Tenant updated successfully',
  usage: 'Usage stats retrieved successfully',
  users: 'Users retrieved successfully',
  dashboard: 'Dashboard stats retrieved successfully',
  instances: 'Instancias obtenidas exitosamente',
  instanceCreated: 'Instancia creada exitosamente',
  qrCode: 'Código QR generado exitosamente',
  instance: 'Instancia obtenida exitosamente',
  instanceConnected: 'Instancia conectada exitosamente',
  instanceNotConnected: 'La instancia todavía no está conectada',
  connectionStatus: 'Estado de conexión obtenido',
  instanceDisconnected: 'Instancia desconectada exitosamente',
  instanceRemoved: 'Instancia eliminada exitosamente',
  bulkQueued: 'Mensajes masivos agregados a la cola',
  messageQueued: 'Mensaje agregado a la cola de envío',
  conversations: 'Conversaciones obtenidas exitosamente',
  messages: 'Mensajes obtenidos exitosamente',
  queueStats: 'Estadísticas de la cola obtenidas',
  undelivered: 'Mensajes no entregados obtenidos',
  failedRetried: 'Mensajes fallidos reenviados',
  webhooks: 'Webhooks obtenidos exitosamente',
  webhook: 'Webhook obtenido exitosamente',
  webhookCreated: 'Webhook creado exitosamente',
  webhookUpdated: 'Webhook actualizado exitosamente',
  webhookRemoved: 'Webhook eliminado exitosamente',
  webhookRotated: 'Secreto renovado exitosamente',
  webhookTested: 'Evento de prueba enviado',
  deliveries: 'Entregas obtenidas exitosamente',
  delivery: 'Entrega obtenida exitosamente',
  replayOrdered: 'Reenvío iniciado',
  replay: 'Avance del reenvío obtenido',
  limits: 'Uso actual de límites',
  realtime: 'Métricas en tiempo real obtenidas exitosamente',
} as const;
