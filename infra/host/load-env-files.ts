// For `npm run serve`, `invoke` and `oort`: what .env.local and .env set, where they are there. Variables that are set
// already win. Node's own flag for it speaks up about each file that is not there.
for (const file of ['.env.local', '.env']) {
  try {
    process.loadEnvFile(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
