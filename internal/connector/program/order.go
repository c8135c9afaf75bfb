package program

import (
	"container/heap"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
)

// ErrCycle says that steps wait for each other.
var ErrCycle = errors.New("cards wait for each other")

// Order sorts nodes so that each comes after what it needs (After, its if, its wires), and renumbers every index in
// them. Of nodes that could come next the one that stands first does.
//
// It returns ErrCycle, wrapped with the ids concerned, where that cannot be.
func Order(nodes []*Node) ([]*Node, error) {
	waits := make([]int, len(nodes))
	followers := make([][]int, len(nodes))
	for i, n := range nodes {
		for _, j := range n.needs() {
			waits[i]++
			followers[j] = append(followers[j], i)
		}
	}
	ready := &lowestFirst{}
	for i, w := range waits {
		if w == 0 {
			heap.Push(ready, i)
		}
	}
	var order []int
	for ready.Len() > 0 {
		next := heap.Pop(ready).(int)
		order = append(order, next)
		for _, f := range followers[next] {
			if waits[f]--; waits[f] == 0 {
				heap.Push(ready, f)
			}
		}
	}
	if len(order) < len(nodes) {
		return nil, fmt.Errorf("%w: %s", ErrCycle, strings.Join(stuck(nodes, order), ", "))
	}
	return renumber(nodes, order), nil
}

// needs lists what comes before n, each once.
func (n *Node) needs() []int {
	needs := slices.Clone(n.After)
	if n.Branch != nil {
		needs = append(needs, n.Branch.If)
	}
	for _, in := range n.In {
		for _, w := range in.Wires {
			needs = append(needs, w.Node)
		}
	}
	slices.Sort(needs)
	return slices.Compact(needs)
}

// stuck names some of the nodes that are not in the order.
func stuck(nodes []*Node, order []int) []string {
	sorted := make([]bool, len(nodes))
	for _, i := range order {
		sorted[i] = true
	}
	var ids []string
	for i, n := range nodes {
		if !sorted[i] && len(ids) < 5 {
			ids = append(ids, shorten(n.ID))
		}
	}
	return ids
}

func renumber(nodes []*Node, order []int) []*Node {
	at := make([]int, len(nodes))
	sorted := make([]*Node, len(nodes))
	for now, was := range order {
		at[was], sorted[now] = now, nodes[was]
	}
	for _, n := range sorted {
		for i := range n.After {
			n.After[i] = at[n.After[i]]
		}
		if n.Branch != nil {
			n.Branch.If = at[n.Branch.If]
		}
		for i := range n.In {
			for j := range n.In[i].Wires {
				n.In[i].Wires[j].Node = at[n.In[i].Wires[j].Node]
			}
		}
	}
	return sorted
}

// lowestFirst is a heap of indices.
type lowestFirst struct{ sort.IntSlice }

func (l *lowestFirst) Push(i any) { l.IntSlice = append(l.IntSlice, i.(int)) }

func (l *lowestFirst) Pop() any {
	last := len(l.IntSlice) - 1
	i := l.IntSlice[last]
	l.IntSlice = l.IntSlice[:last]
	return i
}
