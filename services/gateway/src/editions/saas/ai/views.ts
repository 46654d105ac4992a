import type { AiConfig } from '@recado/contracts';

/** saas.md shows the configuration bare, in the words it has inside. */
export const aiConfigView = (config: AiConfig): AiConfig => config;
