import { drizzleConfig } from '@recado/database/drizzle-config';

export default drizzleConfig('scratch', './packages/messaging/test/scratch');
