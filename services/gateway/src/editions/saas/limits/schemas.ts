import { z } from 'zod';

const windows = z.object({ minute: z.number(), hour: z.number(), day: z.number(), month: z.number() });
export const requestUsage = z
  .object({ usage: windows, limits: windows, percentages: windows.describe('Con un decimal') })
  .meta({ id: 'RequestUsage' });
