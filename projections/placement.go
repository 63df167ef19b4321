package projections

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"daybook/ledger"
)

// placement says where a statement makes its table: here; in a Replicated database, which
// copies by itself what is done to tables but not what is in them; or on every server of a
// cluster. It is the only place that knows of more than one server.
type placement struct {
	cluster    string // named in the warehouse's address; empty for none
	replicated bool   // the database copies statements by itself
}

// OnCluster has every table made on all servers of a cluster that ClickHouse's own
// configuration names. The macros {shard} and {replica} must be set on each. Empty is no cluster.
func (p *Projector) OnCluster(cluster string) *Projector {
	p.cluster = cluster
	return p
}

func (p *Projector) placement(ctx context.Context) (placement, error) {
	if p.cluster != "" {
		shards, err := query(ctx, p.warehouse, "SELECT uniqExact(shard_num) FROM system.clusters WHERE cluster = {cluster:String}",
			func(n *uint64) []any { return []any{n} }, Arg{"cluster", p.cluster})
		switch {
		case err != nil:
			return placement{}, err
		case shards[0] == 0:
			return placement{}, ledger.Refuse(ledger.Say("the ClickHouse server knows no cluster %q", p.cluster),
				ledger.Say("the clusters there are: SELECT cluster FROM system.clusters"))
		case shards[0] > 1:
			return placement{}, ledger.Refuse(ledger.Say("the cluster %q has %d shards, and each would have a part of the rows", p.cluster, int(shards[0])),
				ledger.Say("name a cluster with one shard and as many replicas as you like"))
		}
		return placement{cluster: p.cluster}, nil
	}
	engines, err := query(ctx, p.warehouse, "SELECT engine FROM system.databases WHERE name = currentDatabase()",
		func(engine *string) []any { return []any{engine} })
	return placement{replicated: slices.Contains(engines, "Replicated")}, err
}

// heads are the beginnings of all statements that make, change or drop something.
var heads = regexp.MustCompile(`^(CREATE TABLE IF NOT EXISTS|CREATE OR REPLACE VIEW|ALTER TABLE|DROP TABLE IF EXISTS|DROP VIEW IF EXISTS) ([a-z0-9_]+)`)

// of is the statement as it has to be said here. The path of a replicated table holds the
// table's own number, which ON CLUSTER gives to all replicas, so that a table made again
// under the same name is another one to the keeper.
func (p placement) of(statement string) string {
	const plain = "\nENGINE = ReplacingMergeTree("
	switch {
	case p.cluster != "":
		statement = heads.ReplaceAllString(statement, "$1 $2 ON CLUSTER "+strings.ReplaceAll("`"+strings.NewReplacer(`\`, `\\`, "`", "\\`").Replace(p.cluster)+"`", "$", "$$"))
		statement = strings.Replace(statement, plain, "\nENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}', ", 1)
	case p.replicated:
		statement = strings.Replace(statement, plain, "\nENGINE = ReplicatedReplacingMergeTree(", 1)
	}
	return statement
}
