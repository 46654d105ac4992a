import type { AiConfig, aiResponderApi, RouteInput } from '@recado/contracts';
import { IANAZone } from 'luxon';

/** What a tenant may set. */
export type ConfigValues = Omit<AiConfig, 'id' | 'usage'>;
export type ConfigPatch = RouteInput<typeof aiResponderApi.updateConfig>['body'];

/**
 * Applies a change: settings and limits are merged key by key, everything else is replaced whole.
 */
export function mergeConfig(current: ConfigValues, patch: ConfigPatch): ConfigValues {
  return {
    ...current,
    ...defined(patch),
    settings: { ...current.settings, ...defined(patch.settings ?? {}) },
    limits: { ...current.limits, ...defined(patch.limits ?? {}) },
  };
}

/** Since when the AI is on without a break: switching on what is on changes nothing. Null: off. */
export function enabledSince(enabled: boolean, previous: Date | null, now: Date): Date | null {
  return enabled ? (previous ?? now) : null;
}

/** Whether the installation offers a model. */
export const isOffered = (model: string, offered: readonly string[]): boolean =>
  offered.includes('*') || offered.includes(model);

/** Whether it names a zone of the IANA database. */
export function isTimeZone(name: string): boolean {
  return IANAZone.isValidZone(name);
}

/** The zone that decides a tenant's days and hours. */
export function zoneOf(config: Pick<ConfigValues, 'businessHours'>, fallback: string): string {
  return config.businessHours?.timezone ?? fallback;
}

// A key that is there with the value undefined must not erase what it would be spread over.
function defined<T extends object>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}
