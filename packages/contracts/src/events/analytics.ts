import { z } from 'zod';
import { defineEvent } from '../event.ts';
import { realtime } from '../internal/analytics.ts';

export const metricsUpdated = defineEvent(
  'analytics.metrics.updated',
  1,
  z.object({ realtime }),
  "A tenant's live figures, at most once a second while they move",
);
