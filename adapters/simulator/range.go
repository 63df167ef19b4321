package simulator

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
)

// assortment is what there is to sell, alike in every country, and who delivers it: what is on
// the shelves anyway from four suppliers and, of a large one, articles of families beside, each
// of another name, from as many suppliers as they take.
type assortment struct {
	articles   []article
	popularity []int // of the articles, cumulated
	sources    []source
	supplied   [][]int // the articles of each source, in order
	categories []string
}

// family is a category's kinds of articles, which come in all brands, flavours and sizes.
type family struct {
	category string
	from     int // in wide
	share    int // of a hundred articles
	food     bool
	weighed  bool
	brands   []string
	flavours []string
	kinds    []kind
	sizes    []size
}

type kind struct {
	name  string
	shelf int64
}

type size struct {
	name    string
	percent int64 // of the kind's price
}

// wide are who may deliver to a large assortment.
var wide = slices.Concat(sources, []source{
	{id: "frozen", name: "北原冷链", lead: 2},
	{id: "care", name: "清和日化", lead: 2},
})

const (
	fromDrinks = iota
	fromFresh
	fromDry
	fromDurables
	fromFrozen
	fromCare
)

var (
	brands = []string{
		"青禾", "云岭", "小满", "谷雨", "北湾", "松间", "鹿鸣", "海岚", "橙果", "百味集", "竹影", "暖阳",
		"春熙", "南桥", "白露", "知味轩", "瑞禾", "朝露", "远山", "晴川", "半亩田", "渔浦", "石桥", "梨园",
	}
	origins = []string{"山东", "云南", "陕西", "海南", "新疆", "福建", "广西", "四川", "河北", "崇明"}
	towns   = []string{"姑苏", "余杭", "嘉禾", "甬城", "润州", "毗陵", "海陵", "广陵", "吴兴", "会稽", "婺州", "明州"}
	bottled = []size{{"250ml", 70}, {"500ml", 100}, {"1L", 170}, {"六瓶装", 520}}
	packed  = []size{{"小袋", 60}, {"袋装", 100}, {"大袋", 180}, {"家庭装", 260}}
	pieces  = []size{{"单件", 100}, {"两件装", 190}, {"四件装", 360}}
	models  = []size{{"标准版", 100}, {"升级版", 130}, {"旗舰版", 180}}
)

// families: cheap ones have many articles, dear ones few. Their names hold no comma.
var families = []family{
	{"饮料", fromDrinks, 13, false, false, brands, []string{"原味", "柠檬", "蜜桃", "无糖", "青提"}, []kind{{"绿茶", 450}, {"乌龙茶", 500}, {"气泡水", 550}, {"果汁", 790}, {"苏打水", 400}, {"电解质水", 600}}, bottled},
	{"零食", fromDrinks, 14, false, false, brands, []string{"原味", "香辣", "海苔", "番茄", "烧烤"}, []kind{{"薯条", 690}, {"饼干", 890}, {"坚果", 1890}, {"肉脯", 1590}, {"果冻", 590}, {"米饼", 650}, {"锅巴", 550}}, packed},
	{"乳品", fromFresh, 7, true, false, brands, []string{"原味", "低脂", "高钙", "草莓"}, []kind{{"牛奶", 890}, {"酸奶", 750}, {"奶酪", 1690}, {"乳酸菌", 690}}, bottled},
	{"熟食", fromFresh, 6, false, false, brands, []string{"原味", "香辣", "蜜汁", "五香"}, []kind{{"鸡翅", 1290}, {"卤牛肉", 2590}, {"豆干", 490}, {"便当", 1690}, {"沙拉", 1490}}, packed},
	{"烘焙", fromFresh, 5, false, false, brands, []string{"原味", "奶香", "全麦", "红豆"}, []kind{{"餐包", 690}, {"蛋糕", 1290}, {"曲奇", 990}, {"月饼", 1590}}, packed},
	{"果蔬", fromFresh, 5, true, true, origins, []string{"一级", "精品", "有机"}, []kind{{"苹果", 1090}, {"梨", 890}, {"橙", 990}, {"葡萄", 1890}, {"土豆", 390}, {"青菜", 590}, {"黄瓜", 550}, {"茄子", 650}, {"胡萝卜", 450}, {"蘑菇", 1290}, {"番薯", 490}, {"白菜", 350}}, []size{{"散装", 100}, {"净菜", 140}, {"礼盒", 260}}},
	{"粮油", fromDry, 6, true, false, brands, []string{"优选", "生态", "农家", "特级"}, []kind{{"大米", 2990}, {"面粉", 1690}, {"菜籽油", 4590}, {"杂粮", 1390}, {"挂面", 790}}, packed},
	{"调味", fromDry, 9, false, false, brands, []string{"经典", "减盐", "特级", "鲜香"}, []kind{{"酱油", 1190}, {"陈醋", 890}, {"辣酱", 1290}, {"蚝油", 990}, {"火锅底料", 1590}, {"料酒", 790}}, bottled},
	{"日用", fromDry, 10, false, false, brands, []string{"清新", "柔护", "强效", "无香"}, []kind{{"洗衣液", 2990}, {"洗洁精", 1290}, {"纸巾", 1490}, {"垃圾袋", 890}, {"保鲜膜", 1190}, {"拖把", 3990}}, pieces},
	{"冷冻", fromFrozen, 7, false, false, brands, []string{"猪肉", "三鲜", "虾仁", "素馅"}, []kind{{"水饺", 1990}, {"馄饨", 1690}, {"汤圆", 1490}, {"春卷", 1390}, {"烧卖", 1590}}, packed},
	{"个护", fromCare, 8, false, false, brands, []string{"清爽", "滋养", "舒缓", "留香"}, []kind{{"洗发露", 3990}, {"沐浴露", 2990}, {"牙刷", 1290}, {"面霜", 5990}, {"洗手液", 1490}, {"护手霜", 1990}}, pieces},
	{"母婴", fromCare, 3, false, false, brands, []string{"柔薄", "加厚", "日用", "夜用"}, []kind{{"纸尿裤", 7990}, {"湿巾", 1590}, {"奶粉", 19900}}, pieces},
	{"宠物", fromCare, 2, false, false, brands, []string{"鸡肉", "牛肉", "鱼肉"}, []kind{{"猫粮", 4990}, {"狗粮", 4590}, {"罐头", 990}}, pieces},
	{"文具", fromCare, 2, false, false, brands, []string{"黑色", "蓝色", "彩色"}, []kind{{"中性笔", 350}, {"笔记本", 1290}, {"胶带", 690}, {"订书机", 1990}}, pieces},
	{"酒类", fromDurables, 1, false, false, brands, []string{"干红", "干白", "陈年", "清爽"}, []kind{{"葡萄酒", 8900}, {"黄酒", 2990}, {"啤酒", 890}}, bottled},
	{"数码", fromDurables, 1, false, false, brands, []string{"黑色", "白色", "银色"}, []kind{{"数据线", 2990}, {"充电器", 6990}, {"耳机", 19900}, {"键盘", 15900}}, models},
	{"家电", fromDurables, 1, false, false, brands, []string{"白色", "银色"}, []kind{{"电水壶", 9900}, {"电饭锅", 29900}, {"电风扇", 15900}, {"冰箱", 249900}}, models},
}

const (
	// maxArticles is fewer than the families have names for.
	maxArticles = 20_000
	// maxShelves is what is in memory of all stores: 64 bytes a shelf.
	maxShelves = 10_000_000
	// perSource is how many articles of the families a supplier delivers at most.
	perSource = 250
	// What sells r-th best, from 1, sells in proportion to 1/(r+zipfOffset): Zipf's law with
	// Mandelbrot's offset, which keeps the first from a tenth of everything. Of 2,000 articles a
	// fifth then sells seven tenths. Whole numbers, so that every machine draws alike.
	zipfOffset = 10
	zipfScale  = 10_000_000
)

// newAssortment makes so many articles.
func newAssortment(seed uint64, count int) *assortment {
	a := &assortment{articles: slices.Clone(shelves), sources: sources}
	of := map[string]int{}
	for n, s := range sources {
		for _, c := range s.categories {
			of[c] = n
		}
	}
	for i := range a.articles {
		a.articles[i].source = of[a.articles[i].category]
	}
	if count > len(shelves) {
		a.widen(rand.New(rand.NewPCG(seed, 0x61727469636c65)), count)
	}
	a.supplied = make([][]int, len(a.sources))
	width := len(fmt.Sprint(count - 1))
	var popularity []int
	for i := range a.articles {
		article := &a.articles[i]
		article.sku = padded("69", i, width)
		a.supplied[article.source] = append(a.supplied[article.source], i)
		popularity = append(popularity, article.popularity)
		if !slices.Contains(a.categories, article.category) {
			a.categories = append(a.categories, article.category)
		}
	}
	a.popularity = cumulate(popularity)
	return a
}

// widen adds articles of the families, gives sources as many houses as their articles take, and
// ranks what sells.
func (a *assortment) widen(dice *rand.Rand, count int) {
	a.sources = slices.Clone(sources)
	houses := make([][]int, len(wide)) // of each source, in a.sources
	for n := range a.sources {
		houses[n] = []int{n}
	}
	shares := make([]int, len(families))
	for n, f := range families {
		shares[n] = f.share
	}
	made := make([]maker, len(families))
	for n := range families {
		made[n] = newMaker(dice, &families[n])
	}
	cumulated := cumulate(shares)
	delivered := make([]int, len(wide))
	for len(a.articles) < count {
		n := pick(dice, cumulated)
		for made[n].left == 0 { // a neighbour has names left, see maxArticles
			n = (n + 1) % len(families)
		}
		next := made[n].next()
		from := families[n].from
		if delivered[from]++; delivered[from] > perSource*len(houses[from]) {
			houses[from] = append(houses[from], len(a.sources))
			a.sources = append(a.sources, wide[from].house(dice, len(houses[from])))
		}
		next.source = houses[from][len(houses[from])-1]
		a.articles = append(a.articles, next)
	}

	// The cheaper, the likelier in front.
	type place struct {
		article int
		draw    uint64
	}
	order := make([]place, count)
	for i := range order {
		order[i] = place{i, dice.Uint64N(1<<40) / uint64(1000+a.articles[i].shelf)}
	}
	slices.SortFunc(order, func(p, q place) int { return cmp.Or(cmp.Compare(q.draw, p.draw), cmp.Compare(p.article, q.article)) })
	for rank, p := range order {
		a.articles[p.article].popularity = zipfScale / (rank + 1 + zipfOffset)
	}
}

// house is the n-th supplier of the same goods.
func (s source) house(dice *rand.Rand, n int) source {
	if n == 1 {
		return s
	}
	name := towns[n%len(towns)] + string([]rune(s.name)[2:])
	if n >= len(towns) {
		name += fmt.Sprintf("%d部", n/len(towns)+1)
	}
	lead := s.lead
	if lead > 1 {
		lead = 1 + dice.IntN(ahead-1)
	}
	return source{id: fmt.Sprintf("%s-%d", s.id, n), name: name, lead: lead}
}

// maker makes the articles of a family in an order of the seed's, each once: it steps over all
// there can be by a number that has no factor in common with how many these are.
type maker struct {
	*family
	at, step, of, left int
	levels             []int64 // what a brand asks, in a hundred of the kind's price
}

func newMaker(dice *rand.Rand, f *family) maker {
	m := maker{family: f, of: len(f.brands) * len(f.flavours) * len(f.kinds) * len(f.sizes)}
	m.left, m.at, m.step = m.of, dice.IntN(m.of), m.of/3+dice.IntN(m.of/3)
	for divisor(m.step, m.of) != 1 {
		m.step++
	}
	for range f.brands {
		m.levels = append(m.levels, 80+dice.Int64N(60))
	}
	return m
}

func divisor(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

func (m *maker) next() article {
	n := m.at
	m.at, m.left = (m.at+m.step)%m.of, m.left-1
	take := func(of int) (i int) {
		n, i = n/of, n%of
		return i
	}
	brand, kind, flavour, size := take(len(m.brands)), m.kinds[take(len(m.kinds))], m.flavours[take(len(m.flavours))], m.sizes[take(len(m.sizes))]
	shelf := kind.shelf * m.levels[brand] * size.percent / 10_000
	if shelf < 2000 { // few prices, so that equal amounts are frequent
		shelf = max(50, (shelf+25)/50*50)
	} else {
		shelf = (shelf+50)/100*100 - 10
	}
	return article{
		name: m.brands[brand] + flavour + kind.name + " " + size.name, category: m.category,
		shelf: shelf, food: m.food, weighed: m.weighed && size.name != "礼盒",
	}
}
