import { z } from 'zod';
import { notification } from '../../notifications.ts';
import { uuid, walked, walkQuery } from '../../primitives.ts';
import { route } from '../../route.ts';
import { ok } from './common.ts';

export const notificationRoutes = {
  listNotifications: route({
    method: 'GET',
    path: '/notifications',
    access: 'anyone',
    query: z.strictObject({ ...walkQuery, read: z.enum(['true', 'false']).optional() }),
    responses: { 200: walked(notification).extend({ unread: z.number().int() }) },
    summary: "The caller's own notifications, latest first",
  }),
  markNotificationRead: route({
    method: 'POST',
    path: '/notifications/:notificationId/read',
    access: 'anyone',
    once: { none: 'read twice is read' },
    params: z.strictObject({ notificationId: uuid() }),
    responses: { 200: notification },
    audit: { none: "a person's own reading mark" },
    summary: 'Mark as read; twice is fine; another person’s: 404',
  }),
  deleteNotification: route({
    method: 'DELETE',
    path: '/notifications/:notificationId',
    access: 'anyone',
    params: z.strictObject({ notificationId: uuid() }),
    responses: ok,
    audit: { none: "a person's own list" },
    summary: 'Remove one of the caller’s own',
  }),
  countUnreadNotifications: route({
    method: 'GET',
    path: '/notifications/unread-count',
    access: 'anyone',
    responses: { 200: z.object({ count: z.number().int() }) },
    summary: "How many of the caller's own are unread",
  }),
};
