import { z } from 'zod';
import { matching, uuid } from '../primitives.ts';
import { defineApi, route } from '../route.ts';

export const DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
const clock = matching('clock', /^([01]\d|2[0-3]):[0-5]\d$/);
const hours = z.strictObject({ start: clock, end: clock }).nullable();

export const businessHours = z.strictObject({
  monday: hours.optional(),
  tuesday: hours.optional(),
  wednesday: hours.optional(),
  thursday: hours.optional(),
  friday: hours.optional(),
  saturday: hours.optional(),
  sunday: hours.optional(),
  timezone: z.string().max(64).optional(),
});

const settings = z.strictObject({
  temperature: z.number().min(0).max(2),
  maxTokens: z.number().int().min(1).max(4096),
  responseDelay: z
    .number()
    .int()
    .min(0)
    .max(600_000)
    .describe('Milliseconds between the customer’s message and the reply'),
  contextWindow: z.number().int().min(0).max(50).describe('How many messages of the thread the model sees'),
  language: z.string().min(2).max(16),
});
const limits = z.strictObject({ maxTokensPerDay: z.number().int().min(0), maxTokensPerMonth: z.number().int().min(0) });

const writable = {
  enabled: z.boolean(),
  model: z.string().min(1).max(120),
  personality: z.enum(['friendly', 'professional', 'casual', 'formal', 'sales']),
  responseMode: z.enum(['always', 'business_hours', 'outside_hours', 'keywords']),
  systemPrompt: z.string().max(16_000),
  welcomeMessage: z.string().max(4096),
  businessHours: businessHours.nullable(),
  keywords: z.array(z.string().trim().min(1).max(64)).max(100),
};

export const aiConfig = z
  .object({
    id: uuid(),
    ...writable,
    settings,
    limits,
    usage: z.object({ tokensToday: z.number().int(), tokensThisMonth: z.number().int() }),
  })
  .meta({ id: 'AiConfig' });
export type AiConfig = z.infer<typeof aiConfig>;

export const aiResponderApi = defineApi({
  getConfig: route({
    method: 'GET',
    path: '/config',
    access: 'ai.read',
    responses: { 200: aiConfig },
    summary: "The tenant's AI configuration; defaults until it is saved",
  }),
  updateConfig: route({
    method: 'PUT',
    path: '/config',
    access: 'ai.manage',
    body: z.strictObject({ ...writable, settings: settings.partial(), limits: limits.partial() }).partial(),
    responses: { 200: aiConfig },
    audit: 'ai_config.update',
    live: true,
    summary: 'Change what is given, keep the rest (ai.manage)',
  }),
  toggle: route({
    method: 'POST',
    path: '/config/toggle',
    access: 'ai.manage',
    once: { none: 'sets a state' },
    body: z.strictObject({ enabled: z.boolean() }),
    responses: { 200: aiConfig },
    audit: 'ai_config.update',
    live: true,
    summary: 'Switch the AI on or off (ai.manage)',
    idempotent: true,
  }),
  test: route({
    method: 'POST',
    path: '/test',
    access: 'ai.read',
    once: { none: 'nothing is changed' },
    body: z.strictObject({
      message: z.string().trim().min(1).max(4096),
      context: z.array(z.string().max(4096)).max(50).default([]),
    }),
    responses: {
      200: z.object({
        response: z.string(),
        metadata: z.object({
          model: z.string(),
          tokensUsed: z.number().int(),
          processingTime: z.number().int().describe('ms'),
          temperature: z.number(),
        }),
      }),
    },
    audit: { none: 'nothing is changed' },
    live: true,
    summary: 'What the AI would answer; nothing is sent. Model out of reach: 502 bad_gateway; budget spent: 429',
  }),
});
