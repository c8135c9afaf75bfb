package engine

var setCards, textCards, mathCards, dateCards, cryptoCards, urlCards, tableCards []Card
