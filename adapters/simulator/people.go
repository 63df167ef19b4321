package simulator

import (
	"fmt"
	"math/rand/v2"
	"path"
)

// The members that tickets name, as a file of customers. (The form of adapters/people.) One in
// five never left a name: tickets have a number of theirs, and no file. It lies apart from what
// days bring, since somebody has to say that they register people: Registrar does.
const (
	customersFile = "customers.csv"
	customersHead = "member,姓名,phone,mail,birthday,marketing,personalise,share,consent_text\n"
	consentText   = "2025-09"

	// Registrar may edit customers and make them offers, under the configuration.
	Registrar = "chen.yu"
)

var (
	surnames   = []string{"王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "欧阳", "司马"}
	givenNames = []string{"伟", "芳", "娜", "敏", "静", "秀英", "丽", "强", "磊", "军", "洋", "艳", "勇", "杰", "娟", "涛", "明", "超", "晓燕", "子涵"}
)

// members are so many as come back now and then, given what is sold in a day.
func (o *Options) members() int { return min(4000, 50+o.Payments/5) }

func memberNo(n int) string { return padded("M", n, 5) }

func (s *stream) writeCustomers() error {
	dice := rand.New(rand.NewPCG(s.opts.Seed, 0x70656f706c65))
	t := s.create(path.Join(CustomersDir, customersFile), false)
	t.put(customersHead)
	for n := 1; n <= s.opts.members(); n++ {
		name := surnames[dice.IntN(len(surnames))] + givenNames[dice.IntN(len(givenNames))]
		born := fmt.Sprintf("%d-%02d-%02d", 1950+dice.IntN(56), 1+dice.IntN(12), 1+dice.IntN(28))
		agreed := [3]string{"no", "no", "no"}
		text := ""
		for i, of := range []int{60, 40, 5} { // in a hundred
			if dice.IntN(100) < of {
				agreed[i], text = "yes", consentText
			}
		}
		if dice.IntN(5) == 0 {
			continue
		}
		t.put(memberNo(n))
		t.cells(name, padded("199", n, 8), padded("m", n, 5)+"@example.com", born, agreed[0], agreed[1], agreed[2], text)
		t.end()
	}
	return t.close()
}
