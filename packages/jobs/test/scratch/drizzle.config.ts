import { drizzleConfig } from '@recado/database/drizzle-config';

export default drizzleConfig('scratch', './packages/jobs/test/scratch');
