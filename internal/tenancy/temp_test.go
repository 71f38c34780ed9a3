package tenancy_test
const migrateAndDie = "X"
func migrateUntilKilled(string) {}
