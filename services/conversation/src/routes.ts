import { boardRoutes } from './boards/routes.ts';
import { campaignRoutes } from './campaigns/routes.ts';
import { cannedAnswerRoutes } from './canned-answers/routes.ts';
import { contactRoutes } from './contacts/routes.ts';
import { conversationRoutes } from './conversations/routes.ts';
import { customFieldRoutes } from './custom-fields/routes.ts';
import { draftRoutes } from './drafts/routes.ts';
import { exportRoutes } from './exports/routes.ts';
import { groupRoutes } from './groups/routes.ts';
import { importRoutes } from './imports/routes.ts';
import { macroRoutes } from './macros/routes.ts';
import { messageRoutes } from './messages/routes.ts';
import { noteRoutes } from './notes/routes.ts';
import { ruleRoutes } from './rules/routes.ts';
import { scheduledMessageRoutes } from './scheduled/routes.ts';
import { searchRoutes } from './search/routes.ts';
import { surveyRoutes } from './surveys/routes.ts';
import { tagRoutes } from './tags/routes.ts';
import { taskRoutes } from './tasks/routes.ts';
import { usageRoutes } from './usage/routes.ts';

/** Registers the routes of one resource each. */
export const routes = [
  conversationRoutes,
  messageRoutes,
  contactRoutes,
  groupRoutes,
  exportRoutes,
  importRoutes,
  customFieldRoutes,
  tagRoutes,
  cannedAnswerRoutes,
  draftRoutes,
  scheduledMessageRoutes,
  noteRoutes,
  taskRoutes,
  surveyRoutes,
  boardRoutes,
  campaignRoutes,
  ruleRoutes,
  macroRoutes,
  searchRoutes,
  usageRoutes,
];
